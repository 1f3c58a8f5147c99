// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_completion.hpp"

#include <algorithm>
#include <set>

#include "ctl/command.hpp"
#include "ctl/session/session.hpp"

namespace gnomon::ctl {

// Those in small letters: what stands in capitals is for the user to say.
std::vector<std::string> choices_of(const Command& command) {
  std::set<std::string> words;
  std::string_view synopsis = command.arguments;
  while (!synopsis.empty()) {
    const auto end = std::min(synopsis.find_first_of("[]| ."), synopsis.size());
    const auto word = synopsis.substr(0, end);
    const auto is_literal = [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '+'; };
    if (!word.empty() && std::ranges::all_of(word, is_literal)) words.emplace(word);
    synopsis.remove_prefix(std::min(end + 1, synopsis.size()));
  }
  return {words.begin(), words.end()};
}

std::vector<std::string> complete(std::string_view line) {
  auto words = words_of_line(line);
  if (words.empty() && line.find_first_not_of(" \t") != line.npos) return {};  // a comment
  if (words.empty() || line.ends_with(' ')) words.emplace_back();
  const auto begun = words.back();
  std::vector<std::string> found;
  const auto add = [&](const std::string& word) {
    if (word.starts_with(begun)) found.push_back(word);
  };
  if (words.size() == 1) {
    for (const auto& row : commands()) add(row.name);
    return found;
  }
  const auto row = std::ranges::find(commands(), words[0], &Command::name);
  if (row != commands().end())
    for (const auto& word : choices_of(*row)) add(word);
  return found;
}

}  // namespace gnomon::ctl
