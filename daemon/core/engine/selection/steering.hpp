// SPDX-License-Identifier: GPL-2.0-or-later
// Which sources the clock follows after a selection, and whose samples it must not have followed. Stateless.
#pragma once

#include <span>
#include <vector>

#include "base/units.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

struct Steering {
  std::vector<base::SourceId> sources;  // the selected one first, then the combined ones, the nearest first
  std::vector<base::SourceId> wrong;    // falsetickers
};
[[nodiscard]] Steering steering_of(std::span<const Verdict> verdicts);

// The selected and the combined sources, in the order of the verdicts.
[[nodiscard]] std::vector<base::SourceId> steering_sources(std::span<const Verdict> verdicts);

}  // namespace gnomon::engine
