// SPDX-License-Identifier: GPL-2.0-or-later
// Dates and times as text for people, in UTC. None reads the time zone files, as gmtime() does.
#pragma once

#include <cstddef>
#include <string>

#include "base/time.hpp"

namespace gnomon::base {

// "2026-11-23T02:52:05Z", 20 characters, without heap.
inline constexpr std::size_t utc_text_size = 20;
void format_utc(RealTime t, char* into);

[[nodiscard]] std::string utc_seconds(RealTime t);  // 2026-11-23 02:52:05 UTC
[[nodiscard]] std::string utc_minutes(RealTime t);  // 2026-11-23 02:52 UTC

}  // namespace gnomon::base
