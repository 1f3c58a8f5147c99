// SPDX-License-Identifier: GPL-2.0-or-later
// The machine's clock as a whole in words: whether it is synchronised, how wrong it may be, why not, and the
// one thing to do. From what was decided; nothing is decided here.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "daemon/core/engine/text/explanation.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

struct ExplainedSource {
  AssociationReport report;
  Verdict verdict;
  Explanation explanation;
};

// What becomes of the commands for the clock.
struct ClockControl {
  bool steered = true;  // false: -x, we only measure
  std::string refusal;  // why the last one was refused; empty: it was not
};

struct Situation {
  bool synchronised = false;
  std::string_view state;  // "synchronised", "local", "unsynchronised"
  std::string_view cause;  // a stable word for programs
  std::string summary;     // sentences
  std::string remedy;      // a sentence; empty: nothing is to be done
};
[[nodiscard]] Requirement requirement_of(std::span<const ExplainedSource> sources);
[[nodiscard]] Situation situation_of(const TrackingReport& tracking, const SelectionOutcome& outcome,
                                     std::span<const ExplainedSource> sources, const ClockControl& clock);

}  // namespace gnomon::engine
