// SPDX-License-Identifier: GPL-2.0-or-later
// What the values of an enumeration are called: one table each, read in both directions. And which values it
// has, for who reads them from a record.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

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

namespace detail {
inline constexpr int most_enumerators = 32;
using PossibleValues = std::make_integer_sequence<int, most_enumerators>;

// The compiler's own name of a value: of a number that no enumerator has, "(E)7" and not "E::name".
template <auto Value>
consteval bool is_named() {
  const std::string_view text = __PRETTY_FUNCTION__;
  const auto at = text.rfind("Value = ") + 8;
  return text.substr(at).find('(') == std::string_view::npos;
}
template <typename Enum, int... Values>
constexpr bool is_enumerator(int value, std::integer_sequence<int, Values...> /*all*/) {
  return ((value == Values && is_named<static_cast<Enum>(Values)>()) || ...);
}
template <typename Enum, int... Values>
consteval int enumerator_count(std::integer_sequence<int, Values...> /*all*/) {
  return (int{is_named<static_cast<Enum>(Values)>()} + ...);
}
}  // namespace detail

// Whether that is one of its enumerators; they are all below 32.
template <typename Enum>
  requires std::is_enum_v<Enum>
[[nodiscard]] constexpr bool is_enumerator(int value) {
  return detail::is_enumerator<Enum>(value, detail::PossibleValues{});
}
template <typename Enum>
  requires std::is_enum_v<Enum>
[[nodiscard]] consteval int enumerator_count() {
  return detail::enumerator_count<Enum>(detail::PossibleValues{});
}

}  // namespace gnomon::base
