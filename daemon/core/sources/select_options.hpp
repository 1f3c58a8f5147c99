// SPDX-License-Identifier: GPL-2.0-or-later
// Options of selection as a command changes them, "+prefer" or "-trust": of servers and of reference clocks.
#pragma once

#include <fmt/format.h>

#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/core/engine/values/refusal.hpp"

namespace gnomon::core {

// `Line`: config::Source or config::RefClock.
template <class Line>
bool set_select_option(Line& line, std::string_view word) {
  if (word.size() < 2 || (word[0] != '+' && word[0] != '-')) return false;
  const std::array<std::pair<std::string_view, bool*>, 4> options{{{"noselect", &line.no_select},
                                                                   {"prefer", &line.prefer},
                                                                   {"trust", &line.trust},
                                                                   {"require", &line.require}}};
  for (const auto& [name, option] : options)
    if (name == word.substr(1)) {
      *option = word[0] == '+';
      return true;
    }
  return false;
}

// The line as it is then.
template <class Line>
std::expected<Line, engine::Refusal> with_select_options(Line line, const std::vector<std::string>& words) {
  for (const auto& word : words)
    if (!set_select_option(line, word))
      return std::unexpected(fmt::format(
          "'{}' is not a selection option: use +prefer or -prefer, and likewise noselect, trust, require",
          word));
  return line;
}

}  // namespace gnomon::core
