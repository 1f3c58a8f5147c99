// SPDX-License-Identifier: GPL-2.0-or-later
// What a new configuration changes of the one in force: line by line, each with its place, and whether the
// running daemon can take it. A value; gnomond computes it for a reload.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/parse.hpp"

namespace gnomon::config {

enum class ChangeKind : std::uint8_t { added, removed, changed };

struct Change {
  ChangeKind kind{};
  std::string directive;  // lower case
  EffectiveLine line;     // of one that was removed: as it was
  std::string before{};   // of one that was changed: the text that it replaces
  bool needs_restart = false;
  std::string reason{};  // why, where that depends on the value; a clause
};

// Whether a running daemon takes a new value of this directive (in any case); the others need a restart.
[[nodiscard]] bool applies_at_run_time(std::string_view directive);

// In the order of the new lines; what was removed comes last. The order of `allow` and `deny` counts.
[[nodiscard]] std::vector<Change> changes_between(const std::vector<EffectiveLine>& before,
                                                  const std::vector<EffectiveLine>& now);

// The lines of the directives that `stays` names as they were before, all others as they are now: what is in
// force when changes have been applied.
[[nodiscard]] std::vector<EffectiveLine> in_force(
    const std::vector<EffectiveLine>& before, const std::vector<EffectiveLine>& now,
    const std::function<bool(std::string_view directive)>& stays);

// Its first word, lower case.
[[nodiscard]] std::string directive_of(const EffectiveLine& line);

}  // namespace gnomon::config
