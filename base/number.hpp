// SPDX-License-Identifier: GPL-2.0-or-later
// The one way from text to a number: strict, without a locale.
#pragma once

#include <charconv>
#include <concepts>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace gnomon::base {

template <typename Number>
concept Parsable = (std::integral<Number> && !std::same_as<Number, bool>) || std::floating_point<Number>;

template <Parsable Number>
struct NumberRange {  // both ends belong to it
  Number low = std::numeric_limits<Number>::lowest();
  Number high = std::numeric_limits<Number>::max();
};

// The whole text is one number of the range: no white space, no '+', nothing after it. A real number is
// finite and decimal ("1e-6" too); an integer has digits of `radix` (2..36) and no prefix.
template <Parsable Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text, NumberRange<Number> range = {},
                                                 int radix = 10) {
  Number value{};
  const char* const begin = text.data();
  const char* const end = begin + text.size();  // NOLINT(cppcoreguidelines-pro-bounds-pointer-arithmetic)
  std::from_chars_result result;
  if constexpr (std::floating_point<Number>)
    result = std::from_chars(begin, end, value);
  else
    result = std::from_chars(begin, end, value, radix);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  if (!(value >= range.low && value <= range.high)) return std::nullopt;
  return value;
}

}  // namespace gnomon::base
