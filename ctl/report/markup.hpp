// SPDX-License-Identifier: GPL-2.0-or-later
// Texts and numbers as they stand in a page: nothing in them is markup, whoever chose them. Stateless.
#pragma once

#include <string>
#include <string_view>

namespace gnomon::ctl {

// For text and for values in double quotes. What XML forbids, and what changes the direction of the text
// around it, becomes U+FFFD; what is longer than `most` octets ends in an ellipsis.
[[nodiscard]] std::string escaped(std::string_view text, std::size_t most = 500);

// A coordinate with at most one decimal: "12.5", "7".
[[nodiscard]] std::string coordinate(double value);

// With three digits in the unit that suits: "12.3 µs", "-1.05 s"; with a sign where `is_signed`.
[[nodiscard]] std::string quantity(double seconds, bool is_signed = false);
// A round number, of an axis: without the zeros that say nothing, "50 µs".
[[nodiscard]] std::string round_quantity(double seconds, bool is_signed = false);
// With its sign and without a unit: "+0.25", "−0.25", and "0".
[[nodiscard]] std::string frequency_text(double ppm, int decimals);

}  // namespace gnomon::ctl
