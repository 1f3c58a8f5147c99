// SPDX-License-Identifier: GPL-2.0-or-later
// The real-time clock (rtc(4)): its device, and the calendar that it counts in. Needs no heap.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>

#include "base/os/error.hpp"

namespace gnomon::base {

// An interrupt with each second that begins; the descriptor becomes readable.
[[nodiscard]] OsResult<void> set_rtc_interrupts(int rtc, bool on);
// Takes what has come: whether a second has begun.
[[nodiscard]] OsResult<bool> take_rtc_interrupt(int rtc);
[[nodiscard]] OsResult<std::tm> read_rtc(int rtc);
[[nodiscard]] OsResult<void> set_rtc(int rtc, const std::tm& date);

// Reads the time zone, which the two below find without a system call afterwards.
void load_time_zone();
// Seconds since 1970, on UTC or local time; of an hour that occurs twice, either. nullopt: no such date, as
// of a device without a battery, or not in the years 1970 to 2255.
[[nodiscard]] std::optional<std::int64_t> rtc_seconds(const std::tm& date, bool on_utc);
[[nodiscard]] std::tm rtc_date(std::int64_t seconds, bool on_utc);

}  // namespace gnomon::base
