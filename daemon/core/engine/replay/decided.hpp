// SPDX-License-Identifier: GPL-2.0-or-later
// What came of an input, as JSON in which each decision has its name and unit: what a record keeps and a
// replay compares word for word. Owned by whoever records or replays.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/units.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

class DecidedWriter {
 public:
  // What the timekeeper had decided before is no news.
  explicit DecidedWriter(const Timekeeper& keeper);
  // The timekeeper is as the input has left it. Empty: nothing was decided, and all verdicts are as before.
  [[nodiscard]] std::string decided(const InputResult& outcome, const Timekeeper& keeper);

 private:
  using Seen = std::map<base::SourceId, std::pair<SourceState, Reason>>;
  [[nodiscard]] static Seen seen(const Timekeeper& keeper);
  void append_verdicts(std::string& out, const Timekeeper& keeper);

  Seen seen_;
  int updates_;
};

}  // namespace gnomon::engine
