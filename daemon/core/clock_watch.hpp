// SPDX-License-Identifier: GPL-2.0-or-later
// Notices that the system clock has jumped and it was not us: somebody set it, or the machine slept. Owned by
// Timekeeping.
#pragma once

#include <chrono>
#include <optional>

#include "base/time.hpp"

namespace gnomon::core {

// CLOCK_REALTIME and CLOCK_MONOTONIC run at the same rate, so that only jumps change their difference.
class ClockWatch {
 public:
  // Above any pause between the two readings; what is less shows in the samples.
  static constexpr base::Duration least_jump = std::chrono::milliseconds{100};

  // By how much the clock has jumped since the reading before; nullopt: it has not.
  [[nodiscard]] std::optional<base::Duration> jumped(const base::Now& now) {
    const auto difference = now.real.time_since_epoch() - now.mono.time_since_epoch();
    const auto jump = difference - difference_.value_or(difference);
    difference_ = difference;
    const bool small = jump < least_jump && jump > -least_jump;
    return small || is_leap_second(jump, now.real) ? std::nullopt : std::optional{jump};
  }
  // The next reading is not compared: what lies between is a step of our own.
  void forget() { difference_.reset(); }

 private:
  // One second at the end of a day of UTC, which everybody makes with us.
  static bool is_leap_second(base::Duration jump, base::RealTime now) {
    using namespace std::chrono_literals;
    constexpr auto noticed_within = 30s;
    const auto into_day = now.time_since_epoch() % 24h;
    return std::chrono::abs(std::chrono::abs(jump) - 1s) < 50ms &&
           (into_day < noticed_within || into_day > 24h - noticed_within);
  }

  std::optional<base::Duration> difference_;
};

}  // namespace gnomon::core
