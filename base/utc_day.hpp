// SPDX-License-Identifier: GPL-2.0-or-later
// Days of UTC, as the system clock counts them: where they begin and end, and which of them may end with a
// leap second.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace gnomon::base {

// Midnight that begins and that ends the day of `time`.
constexpr RealTime day_begin(RealTime time) {
  return RealTime{std::chrono::floor<std::chrono::days>(time.time_since_epoch())};
}
constexpr RealTime day_end(RealTime time) {
  return day_begin(time) + std::chrono::days{1};
}
// The last day of June or December since 1972: ITU-R TF.460-6 prefers them, and no other has had a leap
// second yet.
constexpr bool is_leap_day(RealTime time) {
  using namespace std::chrono;
  const year_month_day date(sys_days{floor<days>(time.time_since_epoch())});
  constexpr year first{1972};
  return date.year() >= first && ((date.month() == June && date.day() == day(30)) ||
                                  (date.month() == December && date.day() == day(31)));
}

static_assert(is_leap_day(RealTime{Duration{std::chrono::seconds{1'483'228'799}}}), "2016-12-31");
static_assert(!is_leap_day(RealTime{Duration{std::chrono::seconds{1'483'228'800}}}));
static_assert(!is_leap_day(RealTime{Duration{-1}}), "before there were any: a time that is not known");

}  // namespace gnomon::base
