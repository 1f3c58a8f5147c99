// SPDX-License-Identifier: GPL-2.0-or-later
// Sentences for a terminal: broken into lines, marked with colours. Stateless.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gnomon::ctl {

// The text with `first` before its first line and `rest` before the others, each with a line end. width: in
// columns, 0 breaks no lines; words that are longer stay whole. What a terminal would interpret becomes '?'.
[[nodiscard]] std::string paragraph(std::string_view text, std::size_t width, std::string_view first = {},
                                    std::string_view rest = {});

// How wide it is on a terminal: each character takes one column.
[[nodiscard]] std::size_t columns_of(std::string_view text);

// What is safe to print: control characters, C1 and those that change the direction become '?'.
[[nodiscard]] std::string harmless_text(std::string_view text);

// JSON without line ends, as it was serialised, with the same characters as escapes: it says the same.
[[nodiscard]] std::string harmless_json(std::string_view serialized);

enum class Tone : std::uint8_t { plain, good, warning, bad, strong };
// Never the only sign of anything.
[[nodiscard]] std::string toned(std::string_view text, Tone tone, bool colours);

// --- lengths of time, in the unit in which at most three digits stand before the point
struct TimeUnit {
  double size;  // in seconds
  std::string_view name;
};
inline constexpr std::array<TimeUnit, 4> time_units{{{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}}};

// 999.5 and more is rounded to a thousand, which the next unit has as 1. Of what is longer than any: seconds.
[[nodiscard]] constexpr const TimeUnit& time_unit_of(double seconds) {
  const double size = seconds < 0 ? -seconds : seconds;
  for (const auto& unit : time_units)
    if (size < unit.size * 999.5) return unit;
  return time_units.back();
}

}  // namespace gnomon::ctl
