// SPDX-License-Identifier: GPL-2.0-or-later
// Letters of ASCII, whatever the locale.
#pragma once

#include <algorithm>
#include <string_view>

namespace gnomon::base {

[[nodiscard]] constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace gnomon::base
