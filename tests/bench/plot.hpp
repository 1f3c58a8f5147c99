// SPDX-License-Identifier: GPL-2.0-or-later
// Clock error over time as an SVG picture. Stateless.
#pragma once

#include <span>
#include <string>

namespace gnomon::bench {

// errors: s, once per second. chrony: its RMS as a pair of dashed lines, 0: none.
[[nodiscard]] std::string plot(const std::string& title, std::span<const float> errors, double chrony);

}  // namespace gnomon::bench
