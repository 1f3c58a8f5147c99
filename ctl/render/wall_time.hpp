// SPDX-License-Identifier: GPL-2.0-or-later
// What a human types for a time of day or a date, in the time zone of the terminal.
#pragma once

#include <ctime>
#include <optional>
#include <string>

namespace gnomon::ctl {

// Seconds since 1970 UTC. Forms: "16:30", "16:30:05.5" (of the day of `now`), "2026-11-23 16:30[:05]" (also
// with a T between) and "Nov 23, 2026 16:30:05". nullopt: none of these.
[[nodiscard]] std::optional<double> parse_wall_time(const std::string& text, std::time_t now);

}  // namespace gnomon::ctl
