// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/timescale.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr base::RealTime start{1'800'000'000s};
constexpr base::RealTime midnight{1'830'297'600s};

}  // namespace

TEST_CASE("an untouched clock is its own free-running scale") {
  const Timescale scale(start, 0);
  CHECK(scale.local(start + 5s) == LocalTime{5s});
  CHECK(scale.local(start - 5s) == LocalTime{-5s});
  CHECK(scale.ahead(LocalTime{5s}) == 0s);
}

TEST_CASE("a rate change is taken out of later readings only") {
  Timescale scale(start, 0);
  scale.change(start + 100s, 1e-3, 0s);
  CHECK(scale.local(start + 50s) == LocalTime{50s});
  CHECK(scale.local(start + 100s + 1001ms) == LocalTime{101s});
  CHECK(scale.ahead(LocalTime{101s}) == 1ms);
  CHECK(scale.system(LocalTime{101s}) == start + 101s + 1ms);
}

TEST_CASE("a step moves the system clock, not local time") {
  for (const auto step : {1000s, -1000s}) {
    Timescale scale(start, 0);
    scale.change(start + 10s + step, 0, step);
    CHECK(scale.local(start + 15s + step) == LocalTime{15s});
    CHECK(scale.ahead(LocalTime{15s}) == step);
  }
}

TEST_CASE("conversions stay exact to the nanosecond over months of slewing") {
  Timescale scale(start, 12e-6);
  base::RealTime at = start;
  for (int i = 0; i < 1000; ++i) {
    at += 3600s;
    scale.change(at, (i % 2 == 0 ? 50e-6 : -50e-6), 0s);
  }
  const LocalTime local = scale.local(at + 1000s);
  CHECK(std::llabs((scale.system(local) - (at + 1000s)).count()) <= 2);
}

TEST_CASE("local time goes on evenly over a second that the kernel inserts or deletes") {
  for (const int seconds : {1, -1}) {
    const base::Duration jump = seconds > 0 ? -1s : 1s;
    Timescale scale(midnight - 100s, 1e-5);
    const auto instant = seconds > 0 ? midnight : midnight - 1s;
    const auto before = scale.local(instant - 1ms);
    scale.leap(instant + jump, seconds, jump);
    const auto after = scale.local(instant + jump + 1ms);
    CHECK(base::to_seconds(after - before).count() == Approx(2e-3).epsilon(1e-3));
    CHECK(std::chrono::abs(scale.ahead(after) - scale.ahead(before)) < 100ns);
    CHECK(std::chrono::abs(scale.system(after) - (instant + jump + 1ms)) < 10ns);
  }
}

TEST_CASE("a clock that does not make the second is ahead by it from then on") {
  Timescale scale(midnight - 100s, 0);
  scale.leap(midnight, 1, 0s);
  CHECK(scale.ahead(scale.local(midnight - 1s)) == 0s);
  CHECK(scale.ahead(scale.local(midnight + 1s)) == 1s);
  scale.change(midnight + 10s, 1e-3, 0s);
  CHECK(scale.ahead(scale.local(midnight + 10s)) == 1s);
  // There has been none.
  scale.take_back_leap(midnight, 1);
  for (const auto when : {midnight - 1s, midnight + 1s, midnight + 10s})
    CHECK(scale.ahead(scale.local(when)) == 0s);
}

}  // namespace gnomon::testing
