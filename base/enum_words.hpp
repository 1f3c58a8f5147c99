// SPDX-License-Identifier: GPL-2.0-or-later
// What the values of an enumeration are called: one table each, read in both directions.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace gnomon::base {

template <typename Enum>
struct EnumWord {
  Enum value;
  std::string_view word;
};

// The word of a value; empty: the table has none for it.
template <typename Enum, std::size_t Size>
[[nodiscard]] constexpr std::string_view word_of(const std::array<EnumWord<Enum>, Size>& words,
                                                 std::type_identity_t<Enum> value) {
  const auto found = std::ranges::find(words, value, &EnumWord<Enum>::value);
  return found == words.end() ? std::string_view{} : found->word;
}

// The value of a word; nullopt: the table has no such word.
template <typename Enum, std::size_t Size>
[[nodiscard]] constexpr std::optional<Enum> value_of(const std::array<EnumWord<Enum>, Size>& words,
                                                     std::string_view word) {
  const auto found = std::ranges::find(words, word, &EnumWord<Enum>::word);
  return found == words.end() ? std::nullopt : std::optional{found->value};
}

}  // namespace gnomon::base
