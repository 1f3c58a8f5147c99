// SPDX-License-Identifier: GPL-2.0-or-later
// RTC: the real-time clock of the machine as reference clock, by its update interrupts, or read where it has
// none.
#pragma once

#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

// `parameter`: the device; `utc`: it runs on UTC and not on local time.
[[nodiscard]] Opened open_rtc(const std::string& parameter);

}  // namespace gnomon::refclock
