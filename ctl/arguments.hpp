// SPDX-License-Identifier: GPL-2.0-or-later
// The words of a command that are the same for many: none, a number, a source. Each makes the call of the
// method that is its template argument.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/number.hpp"
#include "ctl/command.hpp"

namespace gnomon::ctl {

// A text as a template argument.
template <std::size_t Size>
struct Text {
  char text[Size]{};
  consteval Text(const char (&from)[Size]) { std::ranges::copy(from, text); }  // NOLINT: implicit by intent
};

// The words must be `most` at the most and not fewer than `least`. Empty: they are.
[[nodiscard]] std::string count_complaint(const Words& words, std::size_t least, std::size_t most);
[[nodiscard]] std::expected<double, std::string> number_of(const std::string& word);
// An address, ADDRESS/BITS or MASK/ADDRESS at words[at], where there is one, becomes the parameter `within`.
[[nodiscard]] Made with_subnet(MethodCall call, const Words& words, std::size_t at);

// A configuration to be checked, the daemon's own where none is named.
[[nodiscard]] Made check_file(std::string_view name, const Words& words);

template <Text Method>
Made plain(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 0, 0); !complaint.empty())
    return std::unexpected(std::move(complaint));
  return MethodCall{.method = Method.text};
}

template <Text Method, Text Parameter>
Made one_number(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 1, 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  const auto value = number_of(words[0]);
  if (!value) return std::unexpected(value.error());
  return MethodCall{.method = Method.text, .parameters = {{Parameter.text, *value}}};
}

template <Text Method, Text Parameter>
Made one_word(std::string_view /*name*/, const Words& words) {
  if (auto complaint = count_complaint(words, 1, 1); !complaint.empty())
    return std::unexpected(std::move(complaint));
  return MethodCall{.method = Method.text, .parameters = {{Parameter.text, words[0]}}};
}

template <Text Method>
Made within(std::string_view /*name*/, const Words& words) {
  return with_subnet({.method = Method.text}, words, 0);
}

// Followed by the word "sources".
template <Text Method>
Made of_sources(std::string_view /*name*/, const Words& words) {
  if (words != Words{"sources"}) return std::unexpected("what follows must be the word 'sources'");
  return MethodCall{.method = Method.text};
}

}  // namespace gnomon::ctl
