// SPDX-License-Identifier: GPL-2.0-or-later
// Lines, words and numbers of the small text files that chrony and we share.
#pragma once

#include <algorithm>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace gnomon::protocol {

using Words = std::vector<std::string_view>;

inline Words split(std::string_view text, std::string_view separators) {
  Words words;
  for (std::size_t at = 0; (at = text.find_first_not_of(separators, at)) != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

// What is wrong with a file, and where (lines from 1).
using Fault = std::unexpected<std::string>;
inline Fault fault(std::size_t line, std::string_view what) {
  return Fault{"line " + std::to_string(line) + ": " + std::string{what}};
}

// chrony writes octets with capital letters.
inline std::string to_capital_hex(base::Bytes octets) {
  std::string text = base::to_hex(octets);
  for (auto& c : text)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace gnomon::protocol
