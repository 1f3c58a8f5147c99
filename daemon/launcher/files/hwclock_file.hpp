// SPDX-License-Identifier: GPL-2.0-or-later
// The file in which hwclock(8) notes what the real-time clock shows (adjtime_config(5)): `hwclockfile`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace gnomon::launcher {

// Whether it shows UTC: the third line is UTC or LOCAL. nullopt: it is neither.
[[nodiscard]] std::optional<bool> runs_on_utc(std::string_view hwclock_file);
// What the file says counts more than `rtconutc`. A text: why it says nothing. A file that is not there says
// nothing and is no trouble: hwclock was never used.
[[nodiscard]] std::optional<std::string> apply_hwclock_file(config::HardwareSettings& settings);

}  // namespace gnomon::launcher
