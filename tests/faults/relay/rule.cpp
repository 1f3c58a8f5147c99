// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/relay/rule.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <utility>

namespace gnomon::faults {

namespace {

constexpr std::array<std::pair<std::string_view, Action>, 16> actions{{
    {"none", Action::none},
    {"drop", Action::drop},
    {"duplicate", Action::duplicate},
    {"reorder", Action::reorder},
    {"delay", Action::delay},
    {"corrupt", Action::corrupt},
    {"retype", Action::retype},
    {"truncate", Action::truncate},
    {"extend", Action::extend},
    {"descriptor", Action::descriptor},
    {"strip", Action::strip},
    {"flood", Action::flood},
    {"kill-before", Action::kill_before},
    {"kill-after", Action::kill_after},
    {"kill-core-before", Action::kill_core_before},
    {"kill-core-after", Action::kill_core_after},
}};

}  // namespace

std::optional<Rule> read_rule(const std::string& path) {
  std::ifstream file{path};
  Rule rule;
  std::string direction;
  std::string action;
  if (!(file >> rule.role >> direction >> rule.number >> action >> rule.value)) return std::nullopt;
  const auto* const at = std::ranges::find(actions, action, &std::pair<std::string_view, Action>::first);
  if (at == actions.end()) return std::nullopt;
  rule.up = direction == "up";
  rule.action = at->second;
  return rule;
}

}  // namespace gnomon::faults
