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
    return small ? std::nullopt : std::optional{jump};
  }
  // The next reading is not compared: what lies between is a step of our own.
  void forget() { difference_.reset(); }

 private:
  std::optional<base::Duration> difference_;
};

}  // namespace gnomon::core
