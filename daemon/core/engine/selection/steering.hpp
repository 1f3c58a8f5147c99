// SPDX-License-Identifier: GPL-2.0-or-later
// Which sources the clock follows after a selection, whose samples it must not have followed, and who may
// announce a leap second. Stateless.
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

// All that the majority agrees with, or only the trusted ones where there are some. A source can make itself
// the only one that is followed, by saying that it is nearer than the others.
[[nodiscard]] std::vector<base::SourceId> voters_on_leap(std::span<const Verdict> verdicts);

}  // namespace gnomon::engine
