// SPDX-License-Identifier: GPL-2.0-or-later
// Whom the first correction of the clock followed, for as long as nobody else has confirmed it: should most
// of the sources find them wrong, the clock is to be set again, as at the start. Owned by the timekeeper.
#pragma once

#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "base/units.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

class FirstCorrection {
 public:
  // After a selection of somebody: one of those whom the first correction followed, when all that are left of
  // them are falsetickers now. Said once.
  [[nodiscard]] std::optional<base::SourceId> refuted(std::span<const Verdict> verdicts);
  // The clock was corrected by these verdicts, for the `first` time or again.
  void corrected(std::span<const Verdict> verdicts, bool first);

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.followed_); }

 private:
  std::vector<base::SourceId> followed_;  // empty: confirmed, or not yet made
};

}  // namespace gnomon::engine
