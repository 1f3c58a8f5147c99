// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/rtc_tracker.hpp"

#include <cmath>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using engine::LocalTime;
using engine::RtcTracker;

namespace {

constexpr std::int64_t start = 1795402000;

// A real-time clock that is ahead and gains, read by a system clock that is true.
struct Clock {
  RtcTracker tracker;
  double fast = 0;
  double gain = 0;
  double noise = 0;  // s, of every third reading
  std::int64_t seconds = 0;
  int count = 0;

  RtcTracker::TrueTime true_time = [](LocalTime t) {
    return base::RealTime{std::chrono::seconds{start}} + t.since_start;
  };
  // When the real-time clock shows start + `reading`.
  std::optional<base::RtcFile> read(std::int64_t reading) {
    const double late = ++count % 3 == 0 ? noise : 0;
    const double true_seconds = (static_cast<double>(reading) - fast) / (1 + gain) + late;
    return tracker.add(start + reading, LocalTime{base::to_duration(base::Seconds{true_seconds})}, true_time);
  }
  void run(int readings) {
    for (int i = 0; i < readings; ++i) {
      seconds += std::chrono::ceil<std::chrono::seconds>(tracker.plan().pause).count() + 1;
      static_cast<void>(read(seconds));
    }
  }
};

}  // namespace

TEST_CASE("three readings tell the error and the drift of a clock") {
  Clock c{.tracker = {}, .fast = -9.0, .gain = 100e-6};
  c.run(2);
  CHECK_FALSE(c.tracker.line());
  CHECK_FALSE(c.tracker.file());
  c.run(1);
  const auto line = c.tracker.line();
  REQUIRE(line);
  CHECK(line->samples == 3);
  CHECK(line->reference == start + c.seconds);
  CHECK(line->gain == Approx(100e-6).epsilon(1e-3));
  const auto shown = static_cast<double>(c.seconds);
  CHECK(line->fast.count() == Approx(shown - (shown + 9.0) / (1 + 100e-6)).margin(1e-5));
  const auto file = c.tracker.file();
  REQUIRE(file);
  CHECK(file->gain.value == Approx(100).epsilon(1e-3));
}

TEST_CASE("readings become rarer, and no more than 16 are kept") {
  Clock c;
  CHECK(c.tracker.plan().pause == 15s);
  c.run(5);
  CHECK(c.tracker.plan().pause == 30s);
  c.run(10);
  CHECK(c.tracker.plan().pause == 60s);
  CHECK(c.tracker.plan().ticks == 1);
  c.run(200);
  CHECK(c.tracker.samples() <= 16);
  CHECK(c.tracker.samples() > 10);
}

TEST_CASE("interrupts that were served late do not turn the line") {
  Clock c{.tracker = {}, .fast = 2, .gain = -20e-6, .noise = 5e-3};
  c.run(60);
  REQUIRE(c.tracker.line());
  CHECK(c.tracker.line()->gain == Approx(-20e-6).epsilon(0.02));
}

TEST_CASE("a clock that was set back by another program is measured afresh") {
  Clock c;
  c.run(20);
  c.fast = -3600;
  c.seconds -= 3600;
  c.run(1);
  CHECK(c.tracker.samples() == 1);
  c.run(5);
  CHECK(c.tracker.line()->fast.count() == Approx(-3600).margin(1e-3));
}

TEST_CASE("after it was set it is read each second, and the drift of before is kept") {
  Clock c{.tracker = {}, .fast = -9.0, .gain = 50e-6};
  c.run(20);
  const auto at = base::RealTime{std::chrono::seconds{start + 5000}} + 400ms;
  c.tracker.was_set(start + 5000, at);
  CHECK(c.tracker.is_settling());
  CHECK(c.tracker.plan().ticks == 8);
  CHECK(c.tracker.file()->fast.count() == Approx(0.1));
  c.fast = 0.1;
  c.gain = 0;
  std::optional<base::RtcFile> saved;
  for (int i = 1; i <= 8; ++i) {
    CHECK_FALSE(saved);
    saved = c.read(5000 + i);
  }
  REQUIRE(saved);
  CHECK(saved->fast.count() == Approx(0.1).margin(1e-6));
  CHECK(saved->gain.value == Approx(50).epsilon(1e-2));
  CHECK_FALSE(c.tracker.is_settling());
  CHECK(c.tracker.samples() == 0);
}

TEST_CASE("what the sources say later changes what earlier readings mean") {
  Clock c;
  c.run(10);
  CHECK(c.tracker.line()->fast.count() == Approx(0).margin(1e-6));
  c.tracker.fit([&](LocalTime t) { return c.true_time(t) + 3s; });
  CHECK(c.tracker.line()->fast.count() == Approx(-3).margin(1e-6));
}

TEST_CASE("time that does not go on, as of a clock that jumped, makes no line") {
  Clock c;
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(c.tracker.add(start + i, LocalTime{5s}, c.true_time));
    CHECK(c.tracker.samples() == 1);
  }
  CHECK_FALSE(c.tracker.line());
}
