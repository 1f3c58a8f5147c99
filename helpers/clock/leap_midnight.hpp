// SPDX-License-Identifier: GPL-2.0-or-later
// When the clock may be changed for a leap second.
#pragma once

#include <chrono>

#include "base/time.hpp"
#include "base/utc_day.hpp"

namespace gnomon::clock {

// The midnight that is nearest ends a day that may have a leap second, and is that near.
inline bool is_near_leap(base::RealTime now, base::Duration before, base::Duration after) {
  using namespace std::chrono_literals;
  const auto midnight = base::day_begin(now + 12h);
  return base::is_leap_day(midnight - 1s) && now >= midnight - before && now <= midnight + after;
}

// Whether a midnight that may have a leap second lies between them, both included. Of more than a few years
// it is said without looking.
inline bool has_leap(base::RealTime from, base::RealTime to) {
  using namespace std::chrono_literals;
  if (to - from > std::chrono::days{1000}) return true;
  for (auto midnight = base::day_end(from - 1ns); midnight <= to; midnight += std::chrono::days{1})
    if (base::is_leap_day(midnight - 1s)) return true;
  return false;
}

}  // namespace gnomon::clock
