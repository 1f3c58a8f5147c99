// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/replay/layout.hpp"

#include <string>

#include "daemon/core/engine/replay/record_text.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace engine::replay;

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
