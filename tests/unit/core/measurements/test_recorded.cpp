// SPDX-License-Identifier: GPL-2.0-or-later
// What is kept of the daemon's work: each kind comes back from its octets, and nothing else does.
#include "daemon/core/measurements/recorded.hpp"

#include <array>
#include <bit>
#include <limits>
#include <string>

#include "base/enum_words.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::Recorded;

namespace {

base::IpAddress address(const char* text) {
  return base::parse_address(text).value();
}

const std::array<Recorded, 6>& all_kinds() {
  static const std::array<Recorded, 6> all{
      core::RecordedMeasurement{.source = {"time.example.net", address("192.0.2.1"), 123},
                                .offset = base::Seconds{-1.25e-5},
                                .delay = base::Seconds{0.25},
                                .error = base::Seconds{0.5},
                                .stratum = 2,
                                .used = true,
                                .state = engine::SourceState::combined},
      core::RecordedMeasurement{.source = {"PPS0", {}, 0}, .offset = base::Seconds{1}},
      core::RecordedClock{.updated = true,
                          .offset = base::Seconds{3e-6},
                          .remaining = base::Seconds{-2e-6},
                          .error_bound = base::Seconds{0.125},
                          .growth = 0.5,
                          .frequency = base::Ppm{-12.345},
                          .skew = base::Ppm{0.5},
                          .step = base::Seconds{-0.52},
                          .slew = base::Ppm{2},
                          .slew_duration = base::Seconds{32}},
      core::RecordedClock{},
      core::RecordedSelection{.source = {"six", address("2001:db8::1"), 11123},
                              .state = engine::SourceState::falseticker,
                              .reason = engine::Reason::falseticker},
      core::RecordedStart{}};
  return all;
}

core::RecordedMeasurement with_offset(double seconds) {
  auto measured = std::get<core::RecordedMeasurement>(all_kinds()[0]);
  measured.offset = base::Seconds{seconds};
  return measured;
}

}  // namespace

TEST_CASE("what is kept comes back as it was") {
  for (const auto& each : all_kinds()) CHECK(core::decode_recorded(core::encode(each)) == each);
  const Recorded gone{
      core::RecordedSelection{.source = {"gone", address("192.0.2.9"), 123}, .state = std::nullopt}};
  CHECK(core::decode_recorded(core::encode(gone)) == gone);
}

TEST_CASE("every reason and state comes back, and no other number is one") {
  auto one = std::get<core::RecordedSelection>(all_kinds()[4]);
  for (int i = 0; i < base::enumerator_count<engine::Reason>(); ++i) {
    one.reason = static_cast<engine::Reason>(i);
    CHECK(core::decode_recorded(core::encode(one)) == Recorded{one});
  }
  one.reason = static_cast<engine::Reason>(base::enumerator_count<engine::Reason>());
  CHECK_FALSE(core::decode_recorded(core::encode(one)));
  one.reason = engine::Reason::best;
  one.state = static_cast<engine::SourceState>(base::enumerator_count<engine::SourceState>());
  CHECK_FALSE(core::decode_recorded(core::encode(one)));
}

TEST_CASE("a record is small") {
  CHECK(core::encode(all_kinds()[0]).size() <= 48);
  CHECK(core::encode(all_kinds()[2]).size() <= 64);
}

TEST_CASE("what is cut off or goes on is no record") {
  for (const auto& each : all_kinds()) {
    auto octets = core::encode(each);
    for (std::size_t size = 0; size < octets.size(); ++size)
      CHECK(core::decode_recorded(base::Bytes{octets}.first(size)) == std::nullopt);
    octets.push_back(0);
    CHECK(core::decode_recorded(octets) == std::nullopt);
  }
}

TEST_CASE("numbers that nobody can have measured are no record") {
  for (const double wrong :
       {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 1e200, -1e13})
    CHECK(core::decode_recorded(core::encode(with_offset(wrong))) == std::nullopt);
  CHECK(core::decode_recorded(core::encode(with_offset(1e11))));
}

TEST_CASE("kinds, states and families that are none are no record") {
  auto octets = core::encode(all_kinds()[0]);
  octets[0] = 4;
  CHECK(core::decode_recorded(octets) == std::nullopt);
  auto selection = core::encode(all_kinds()[4]);
  selection[1] = 6;
  CHECK(core::decode_recorded(selection) == std::nullopt);
  selection[1] = 0;
  CHECK(core::decode_recorded(selection));
  selection[3] = 3;
  CHECK(core::decode_recorded(selection) == std::nullopt);
}

TEST_CASE("a name is text and has an end") {
  auto measured = with_offset(0);
  measured.source.name = std::string(1000, 'x');
  auto decoded = core::decode_recorded(core::encode(measured));
  REQUIRE(decoded);
  CHECK(std::get<core::RecordedMeasurement>(*decoded).source.name == std::string(255, 'x'));
  measured.source.name = "a\033[2J\xff";
  decoded = core::decode_recorded(core::encode(measured));
  REQUIRE(decoded);
  CHECK(std::get<core::RecordedMeasurement>(*decoded).source.name == "a?[2J?");
}
