// SPDX-License-Identifier: GPL-2.0-or-later
// The clocks of this machine as types, so that readings of different clocks cannot be mixed up.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace gnomon::base {

using Duration = std::chrono::nanoseconds;  // exact, +-292 years
using Seconds =
    std::chrono::duration<double>;  // estimates and noise, where a fraction of a nanosecond counts

// CLOCK_REALTIME: the system clock, the one that is kept right. Counts from 1970-01-01 00:00 UTC; it may be
// stepped.
struct RealClock {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<RealClock, Duration>;
  static constexpr bool is_steady = false;
};
// CLOCK_MONOTONIC: for timers and ages. Never steps; its rate follows the corrections of the system clock.
struct MonoClock {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<MonoClock, Duration>;
  static constexpr bool is_steady = true;
};

using RealTime = RealClock::time_point;
using MonoTime = MonoClock::time_point;

// One reading of both clocks, taken together. What the engine knows as "now".
struct Now {
  RealTime real;
  MonoTime mono;
};

constexpr Seconds to_seconds(Duration d) {
  return std::chrono::duration_cast<Seconds>(d);
}
// Rounds to the nearest nanosecond. What is longer than 146 years is that long, so that it can still be added
// to a time; what is not a number is nothing.
constexpr Duration to_duration(Seconds s) {
  constexpr Duration longest = Duration::max() / 2;
  if (s >= Seconds{longest}) return longest;
  if (s <= -Seconds{longest}) return -longest;
  const bool is_number = s >= Seconds{} || s < Seconds{};
  return is_number ? std::chrono::round<Duration>(s) : Duration{};
}

static_assert(to_duration(Seconds{-1.5}) == std::chrono::milliseconds{-1500});
static_assert(to_duration(Seconds{-1e300}) == -Duration::max() / 2);
static_assert(to_duration(Seconds{std::numeric_limits<double>::quiet_NaN()}) == Duration{});

}  // namespace gnomon::base
