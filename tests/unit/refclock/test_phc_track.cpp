// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/phc_track.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using gnomon::refclock::PhcTrack;
using namespace std::chrono_literals;

namespace {

constexpr base::RealTime start{1'700'000'000s};

base::PhcOffset offset(base::Duration at, base::Duration ahead) {
  return {.time = start + at, .offset = {}, .whole = ahead, .error = 1us};
}

}  // namespace

TEST_CASE("A timestamp of a PHC is told in the time of the system clock, though both run apart") {
  PhcTrack track;
  CHECK_FALSE(track.system_at(0s));
  for (int i = 0; i < 8; ++i) track.add(offset(i * 1s, 37s + i * 100us));  // 100 ppm fast
  const auto phc = (start + 7500ms).time_since_epoch() + 37s + 750us;
  const auto system = track.system_at(phc);
  REQUIRE(system);
  CHECK(std::chrono::abs(*system - (start + 7500ms)) < 1us);
  CHECK_FALSE(track.system_at(phc + 30s));
}

TEST_CASE("After one of the clocks was set nothing of before is used") {
  PhcTrack track;
  for (int i = 0; i < 8; ++i) track.add(offset(i * 1s, 0s));
  track.add(offset(8s, 37s));
  CHECK(track.system_at((start + 9s).time_since_epoch() + 37s) == start + 9s);
}
