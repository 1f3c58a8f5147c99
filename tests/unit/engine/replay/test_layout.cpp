// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/layout.hpp"

#include <array>
#include <string>

#include "daemon/core/engine/replay/record_text.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace engine::replay;

namespace {

// Whether these are all enumerators, with the numbers 0, 1, 2...
template <class Enum, std::size_t Size>
bool are_numbered(const std::array<Enum, Size>& all) {
  if (base::enumerator_count<Enum>() != static_cast<int>(Size)) return false;
  for (std::size_t i = 0; i < Size; ++i)
    if (static_cast<std::size_t>(all.at(i)) != i) return false;
  return true;
}

}  // namespace

TEST_CASE("enumerators keep the numbers that records hold: another one is added here, at the end") {
  using enum SourceState;
  CHECK(are_numbered(std::array{selected, combined, selectable, falseticker, jittery, unselectable}));
  CHECK(are_numbered(std::array{
      Reason::best, Reason::combined, Reason::no_select, Reason::missing_samples, Reason::unsynchronised,
      Reason::stratum_out_of_range, Reason::distance_too_large, Reason::too_jittery, Reason::waits_for_others,
      Reason::stale, Reason::orphan, Reason::not_agreed_by_trusted, Reason::falseticker,
      Reason::waits_for_more, Reason::not_preferred, Reason::provisional, Reason::distant}));
  using config::AuthSelectMode;
  CHECK(are_numbered(std::array{AuthSelectMode::require, AuthSelectMode::prefer, AuthSelectMode::mix,
                                AuthSelectMode::ignore}));
  using config::SourceKind;
  CHECK(are_numbered(std::array{SourceKind::server, SourceKind::pool, SourceKind::peer}));
}

TEST_CASE("an enumeration may have got further enumerators at its end, and lost none") {
  std::string ours;
  describe<SourceState>(ours);
  CHECK(ours == "e1:6");
  CHECK(can_read("{e1:6u4}", "{e1:7u4}"));
  CHECK(can_read("{e1u4}", "{e1:6u4}"));  // of before they were counted
  CHECK_FALSE(can_read("{e1:7}", "{e1:6}"));
  CHECK_FALSE(can_read("{e1:}", "{e1:6}"));
  CHECK_FALSE(can_read("{e2:6}", "{e1:6}"));
}

TEST_CASE("a layout is read that ours has only added members and alternatives to") {
  CHECK(can_read("{f8u4}", "{f8u4}"));
  CHECK(can_read("{f8}", "{f8u4}"));
  CHECK(can_read("*{f8{s}}", "*{f8{s?{a}}m{u4}s#16f8}"));
  CHECK(can_read("|{}{f8}|", "|{}{f8}{dti8}|"));
  CHECK_FALSE(can_read("{f8u4}", "{f8}"));
  CHECK_FALSE(can_read("{f8}", "{u4f8}"));
  CHECK_FALSE(can_read("{u4}", "{u8}"));
  CHECK_FALSE(can_read("#1f8", "#10f8"));
  CHECK_FALSE(can_read("{f8", "{f8}"));
  CHECK_FALSE(can_read("{f8}}", "{f8}}"));
  CHECK_FALSE(can_read("", ""));
  CHECK_FALSE(can_read(std::string(100'000, '*'), std::string(100'000, '*')));
  CHECK(can_read(record_layout(), record_layout()));
}

}  // namespace gnomon::testing
