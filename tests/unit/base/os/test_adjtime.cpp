// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/adjtime.hpp"

#include <algorithm>
#include <cmath>

#include "tests/unit/base/os/fake_clock.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::chrono_literals;
using gnomon::testing::FakeClock;

TEST_CASE("small rates are the kernel's frequency alone") {
  CHECK(to_kernel_rate(0, 10000) == KernelRate{10000, 0});
  CHECK(to_kernel_rate(1e-6, 10000) == KernelRate{10000, 65536});
  CHECK(to_kernel_rate(-12.5e-6, 10000) == KernelRate{10000, -819200});
}

TEST_CASE("large rates take the nearest tick and the rest as frequency") {
  CHECK(to_kernel_rate(0.001, 10000) == KernelRate{10010, 0});
  CHECK(to_kernel_rate(-0.08333, 10000).tick == 9167);
  CHECK(to_kernel_rate(0.1, 10000) == KernelRate{11000, 0});
  CHECK(to_kernel_rate(-0.1, 10000) == KernelRate{9000, 0});
  CHECK(to_kernel_rate(7.0, 10000) == KernelRate{11000, 0});
}

TEST_CASE("any rate within a tenth is met to a millionth of a ppm and never exceeds the kernel's limits") {
  for (int step = -1000; step <= 1000; ++step) {
    const double wanted = step * 1e-4 + step * 1.37e-9;
    for (const std::int64_t tick : {9000L, 9990L, 10000L, 10003L, 11000L}) {
      const auto rate = to_kernel_rate(wanted, tick);
      CHECK(rate.tick >= 9000);
      CHECK(rate.tick <= 11000);
      CHECK(std::abs(rate.frequency) <= 32768000);
      CHECK(rate.ratio() == Approx(std::clamp(wanted, -0.1, 0.1)).margin(1e-11));
    }
  }
}

TEST_CASE("a clock between two ticks does not alternate between them") {
  auto rate = to_kernel_rate(40e-6, 10000);
  CHECK(rate.tick == 10000);
  for (const double ppm : {60.0, 40.0, 160.0, 240.0}) {
    rate = to_kernel_rate(ppm * 1e-6, rate.tick);
    CHECK(rate.tick == 10000);
  }
  rate = to_kernel_rate(260e-6, rate.tick);
  CHECK(rate.tick == 10003);
  CHECK(to_kernel_rate(240e-6, rate.tick).tick == 10003);
}

TEST_CASE("a step is a whole number of seconds down and nanoseconds up") {
  FakeClock clock;
  REQUIRE(step_clock(clock, -1ns));
  CHECK(clock.changes[0].modes == (ADJ_SETOFFSET | ADJ_NANO));
  CHECK(clock.changes[0].time.tv_sec == -1);
  CHECK(clock.changes[0].time.tv_usec == 999'999'999);
  REQUIRE(step_clock(clock, 2'500'000'000ns));
  CHECK(clock.changes[1].time.tv_sec == 2);
  CHECK(clock.changes[1].time.tv_usec == 500'000'000);
}

TEST_CASE("the kernel is told synchronised only when it may set the RTC") {
  FakeClock clock;
  REQUIRE(set_clock_status(clock, {LeapIndicator::insert, true, 1500ns, 0ns, 37}));
  CHECK(clock.status == STA_INS);
  CHECK(clock.tai == 37);
  CHECK(clock.changes[0].maxerror == 2);  // an error bound rounds up
  REQUIRE(set_clock_status(clock, {LeapIndicator::remove, false, 0ns, 0ns, 0}));
  CHECK(clock.status == (STA_DEL | STA_UNSYNC));
  CHECK(clock.tai == 37);
  REQUIRE(set_clock_status(clock, {LeapIndicator::unsynchronised, true, 0ns, 0ns, 0}));
  CHECK(clock.status == STA_UNSYNC);
}

TEST_CASE("what the kernel refuses is an error with its number") {
  FakeClock clock;
  clock.refuse_with = EPERM;
  CHECK(set_clock_rate(clock, {}).error().code == EPERM);
  CHECK(to_string(step_clock(clock, 1s).error()) == "clock_adjtime: Operation not permitted");
}

TEST_CASE("the clock's state is read without changing it") {
  FakeClock clock;
  clock.rate = {10001, -65536};
  clock.tai = 37;
  clock.status = 0;
  const auto state = read_clock(clock);
  REQUIRE(state);
  CHECK(state->rate.ratio() == Approx(99e-6));
  CHECK(state->tai_offset == 37);
  CHECK(state->synchronised);
  CHECK(clock.changes.empty());
  KernelClock kernel;
  CHECK(read_clock(kernel));
}
