// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/command_completion.hpp"

#include <algorithm>
#include <set>

#include "ctl/command.hpp"
#include "ctl/session/session.hpp"

namespace gnomon::ctl {

namespace {

struct SynopsisWord {
  std::string_view text;
  char behind = 0;  // what separates it from the next one
};

std::vector<SynopsisWord> synopsis_of(const Command& command) {
  std::vector<SynopsisWord> words;
  std::string_view rest = command.arguments;
  while (!rest.empty()) {
    const auto end = std::min(rest.find_first_of("[]| ."), rest.size());
    if (end > 0) words.push_back({rest.substr(0, end), end < rest.size() ? rest[end] : '\0'});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

// What stands in capitals is for the user to say.
bool is_literal(std::string_view word) {
  return std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == '+'; });
}

bool is_value_of(const SynopsisWord& option, const SynopsisWord& word) {
  return option.text.starts_with('-') && is_literal(option.text) && option.behind == ' ' &&
         !is_literal(word.text);
}

}  // namespace

std::vector<std::string> choices_of(const Command& command) {
  std::set<std::string> words;
  for (const auto& word : synopsis_of(command))
    if (is_literal(word.text)) words.emplace(word.text);
  return {words.begin(), words.end()};
}

std::vector<ValueOption> value_options_of(const Command& command) {
  std::vector<ValueOption> options;
  const auto words = synopsis_of(command);
  for (std::size_t i = 1; i < words.size(); ++i)
    if (is_value_of(words[i - 1], words[i]))
      options.push_back({std::string{words[i - 1].text}, std::string{words[i].text}});
  return options;
}

bool takes_word(const Command& command, std::string_view capitals) {
  const auto words = synopsis_of(command);
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i].text == capitals && (i == 0 || !is_value_of(words[i - 1], words[i]))) return true;
  return false;
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
