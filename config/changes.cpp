// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/changes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "config/directives.hpp"
#include "config/words.hpp"

namespace gnomon::config {

namespace {

bool is_source(std::string_view directive) {
  return directive == "server" || directive == "pool" || directive == "peer";
}

bool repeats(std::string_view directive) {
  const auto* const known = find_directive(directive);
  return known != nullptr && known->repeats;
}

// What is the same before and after, if it only has another text: of a source its name.
std::string key_of(const EffectiveLine& line) {
  const auto directive = directive_of(line);
  if (!is_source(directive)) return repeats(directive) ? std::string{} : directive;
  const auto words = split_words(line.text);
  return directive + " " + (words.size() > 1 ? lower_case(words[1].text) : std::string{});
}

// Of directives of which the last line counts only that.
std::vector<EffectiveLine> that_count(const std::vector<EffectiveLine>& lines) {
  std::set<std::string> seen;
  std::vector<EffectiveLine> counting;
  for (auto at = lines.rbegin(); at != lines.rend(); ++at) {
    const auto directive = directive_of(*at);
    if (repeats(directive) || seen.insert(directive).second) counting.push_back(*at);
  }
  std::ranges::reverse(counting);
  return counting;
}

// The lines of one that are not in the other, equal ones as often as they are given.
std::vector<EffectiveLine> only_in(const std::vector<EffectiveLine>& lines,
                                   const std::vector<EffectiveLine>& others) {
  std::multiset<std::string_view> left;
  for (const auto& line : others) left.insert(line.text);
  std::vector<EffectiveLine> only;
  for (const auto& line : lines) {
    const auto same = left.find(line.text);
    if (same == left.end())
      only.push_back(line);
    else
      left.erase(same);
  }
  return only;
}

Change change_of(ChangeKind kind, EffectiveLine line) {
  auto directive = directive_of(line);
  const bool restart = !applies_at_run_time(directive);
  return {.kind = kind, .directive = std::move(directive), .line = std::move(line), .needs_restart = restart};
}

}  // namespace

std::string directive_of(const EffectiveLine& line) {
  return lower_case(std::string_view{line.text}.substr(0, line.text.find(' ')));
}

bool applies_at_run_time(std::string_view directive) {
  const auto* const known = find_directive(directive);
  return known != nullptr && known->at_run_time;
}

std::vector<Change> changes_between(const std::vector<EffectiveLine>& before,
                                    const std::vector<EffectiveLine>& now) {
  const auto old_lines = that_count(before);
  const auto new_lines = that_count(now);
  std::vector<EffectiveLine> gone = only_in(old_lines, new_lines);
  std::multimap<std::string, std::size_t> replaceable;
  for (std::size_t i = 0; i < gone.size(); ++i)
    if (auto key = key_of(gone[i]); !key.empty()) replaceable.emplace(std::move(key), i);
  std::vector<Change> changes;
  for (auto& line : only_in(new_lines, old_lines)) {
    const auto replaced = replaceable.find(key_of(line));
    changes.push_back(
        change_of(replaced == replaceable.end() ? ChangeKind::added : ChangeKind::changed, std::move(line)));
    if (replaced == replaceable.end()) continue;
    changes.back().before = std::exchange(gone[replaced->second].text, {});
    replaceable.erase(replaced);
  }
  for (auto& line : gone)
    if (!line.text.empty()) changes.push_back(change_of(ChangeKind::removed, std::move(line)));
  return changes;
}

std::vector<EffectiveLine> in_force(const std::vector<EffectiveLine>& before,
                                    const std::vector<EffectiveLine>& now,
                                    const std::function<bool(std::string_view directive)>& stays) {
  std::vector<EffectiveLine> lines;
  for (const auto& line : before)
    if (stays(directive_of(line))) lines.push_back(line);
  for (const auto& line : now)
    if (!stays(directive_of(line))) lines.push_back(line);
  return lines;
}

}  // namespace gnomon::config
