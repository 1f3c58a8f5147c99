// SPDX-License-Identifier: GPL-2.0-or-later
// chrony's driftfile text: "<frequency ppm> <skew ppm>" on one line.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/engine/timekeeper.hpp"

namespace gnomon::engine {

[[nodiscard]] std::string to_text(const DriftFile& drift);
// nullopt: not two numbers, or out of range (+-100000 ppm, skew above 0).
[[nodiscard]] std::optional<DriftFile> parse_drift(std::string_view text);

}  // namespace gnomon::engine
