// SPDX-License-Identifier: GPL-2.0-or-later
// One line of configuration as words, each with its column, and how words compare.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.hpp"

namespace gnomon::config {

struct Word {
  std::string_view text;
  int column = 1;  // from 1
};

// White space is what C calls so; a line whose first character after it is one of ! ; # % has no words.
// Further on a word that begins with # begins a comment; within a word # is a character as any other.
[[nodiscard]] std::vector<Word> split_words(std::string_view line);
[[nodiscard]] std::string join_words(const std::vector<Word>& words);
[[nodiscard]] std::string lower_case(std::string_view text);
using base::equal_ignoring_case;

// The candidate that a person most likely meant: at most a third of the letters wrong, missing, superfluous
// or exchanged with their neighbour. Empty if there is none.
[[nodiscard]] std::string nearest_word(std::string_view word,
                                       const std::vector<std::string_view>& candidates);

}  // namespace gnomon::config
