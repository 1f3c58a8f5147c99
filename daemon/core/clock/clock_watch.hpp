// SPDX-License-Identifier: GPL-2.0-or-later
// Notices that the system clock has jumped and it was not us: somebody set it, or the machine slept. Owned by
// ClockDriver.
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
  struct Jump {
    base::Duration by{};
    base::Duration asleep{};  // so much of it for the time that the machine slept; 0: somebody set the clock
    friend bool operator==(const Jump&, const Jump&) = default;
  };

  // By how much the clock has jumped since the reading before; nullopt: it has not. `asleep`: how long the
  // machine has slept since it was started.
  [[nodiscard]] std::optional<Jump> jumped(const base::Now& now, base::Duration asleep) {
    const auto difference = now.real.time_since_epoch() - now.mono.time_since_epoch();
    const auto slept = asleep - asleep_.value_or(asleep);
    // What is not compared has jumped by the sleep alone.
    const auto by = difference - difference_.value_or(difference - slept);
    difference_ = difference;
    asleep_ = asleep;
    if (slept >= least_jump) return Jump{by, is_small(by - slept) ? by : slept};
    return is_small(by) ? std::nullopt : std::optional{Jump{by}};
  }
  // The next reading is not compared: what lies between is a step of our own.
  void forget() { difference_.reset(); }

 private:
  [[nodiscard]] static bool is_small(base::Duration jump) { return jump < least_jump && jump > -least_jump; }

  std::optional<base::Duration> difference_;
  std::optional<base::Duration> asleep_;
};

}  // namespace gnomon::core
