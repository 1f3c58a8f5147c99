// SPDX-License-Identifier: GPL-2.0-or-later
// Lengths of time as people write them: "10ms", "90", "2h".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gnomon::ctl {

// Seconds, not negative. Units: ns, us, ms, s (also without), min or m, h, d. nullopt: none of these.
[[nodiscard]] std::optional<double> parse_time_span(std::string_view text);

// In the unit that suits it, without sign: "250 us", "1.5 ms", "12.3 s".
[[nodiscard]] std::string time_span_text(double seconds);

}  // namespace gnomon::ctl
