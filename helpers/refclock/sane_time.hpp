// SPDX-License-Identifier: GPL-2.0-or-later
// What other processes and devices say of time, within reason.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::refclock {

// From 1970 to 2116; a second more or less of nanoseconds is carried over. nullopt: no such time.
[[nodiscard]] constexpr std::optional<base::RealTime> sane_time(std::int64_t seconds,
                                                                std::int64_t nanoseconds) {
  constexpr std::int64_t latest = 4'607'000'000;
  constexpr std::int64_t second = 1'000'000'000;
  if (seconds < 0 || seconds > latest || nanoseconds < -second || nanoseconds > 2 * second)
    return std::nullopt;
  const base::RealTime time{std::chrono::seconds{seconds} + base::Duration{nanoseconds}};
  if (time.time_since_epoch() < base::Duration{0}) return std::nullopt;
  return time;
}

// As struct timex and the drivers of ntpd have it; what is unknown counts as not synchronised.
[[nodiscard]] constexpr base::LeapIndicator sane_leap(std::int32_t leap) {
  return leap >= 0 && leap <= 2 ? static_cast<base::LeapIndicator>(leap)
                                : base::LeapIndicator::unsynchronised;
}

}  // namespace gnomon::refclock
