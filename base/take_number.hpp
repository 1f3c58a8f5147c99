// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers with white space between them, as chrony's small files have them.
#pragma once

#include <optional>
#include <string_view>

#include "base/number.hpp"

namespace gnomon::base {

inline constexpr std::string_view blanks = " \t\r\n";

// Takes one number off the front of the text, with or without a '+'. nullopt: there is none, or it is not
// within `range`.
template <Parsable Number>
[[nodiscard]] std::optional<Number> take_number(std::string_view& text, NumberRange<Number> range = {}) {
  const std::size_t start = text.find_first_not_of(blanks);
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start);
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto word = text.substr(0, text.find_first_of(blanks));
  text.remove_prefix(word.size());
  return parse_number<Number>(word, range);
}

}  // namespace gnomon::base
