// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/words.hpp"

#include <algorithm>
#include <cstddef>

namespace gnomon::config {

namespace {

constexpr std::string_view white_space = " \t\n\v\f\r";
constexpr std::string_view comment_marks = "!;#%";
constexpr char trailing_comment_mark = '#';
constexpr std::size_t longest_guessed = 32;  // nobody mistypes a directive into more than this

using base::lower;

// Damerau-Levenshtein distance, neighbours exchanged count once.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t differs = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + differs});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

std::vector<Word> split_words(std::string_view line) {
  std::vector<Word> words;
  for (auto start = line.find_first_not_of(white_space); start != line.npos;) {
    const auto end = std::min(line.find_first_of(white_space, start), line.size());
    if (words.empty() ? comment_marks.contains(line[start]) : line[start] == trailing_comment_mark) break;
    words.push_back({line.substr(start, end - start), static_cast<int>(start) + 1});
    start = line.find_first_not_of(white_space, end);
  }
  return words;
}

std::string join_words(const std::vector<Word>& words) {
  std::string line;
  for (const auto& word : words) {
    if (!line.empty()) line += ' ';
    line += word.text;
  }
  return line;
}

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string nearest_word(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > longest_guessed) return {};
  std::string_view nearest;
  std::size_t best = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto candidate : candidates) {
    const auto longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= best)
      continue;  // as many letters at least differ
    const auto distance = edit_distance(word, candidate);
    if (distance >= best || distance >= candidate.size()) continue;
    best = distance;
    nearest = candidate;
  }
  return std::string{nearest};
}

}  // namespace gnomon::config
