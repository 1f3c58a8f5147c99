// SPDX-License-Identifier: GPL-2.0-or-later
// What came of an input, as JSON in which each decision has its name and unit: what a record keeps and a
// replay compares word for word; its forms and numbers are not written out (forms.hpp). Owned by whoever
// records or replays.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "base/raw_text.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/engine/values/verdict.hpp"

namespace gnomon::engine {

class DecidedWriter {
 public:
  // What the timekeeper had decided before is no news.
  explicit DecidedWriter(const Timekeeper& keeper);
  // The timekeeper is as the input has left it. Empty: nothing was decided, and all verdicts are as before.
  [[nodiscard]] base::RawText decided(const InputResult& outcome, const Timekeeper& keeper);
  // The same behind what is there. False: nothing was appended.
  bool append(base::RawText& out, const InputResult& outcome, const Timekeeper& keeper);

 private:
  using Seen = std::map<base::SourceId, std::pair<SourceState, Reason>>;
  using Entry = std::pair<base::SourceId, std::pair<SourceState, Reason>>;
  [[nodiscard]] static Seen seen(const Timekeeper& keeper);
  [[nodiscard]] static Entry entry_of(const Verdict& verdict);
  void append_verdicts(base::RawText& out, const Timekeeper& keeper);

  Seen seen_;
  std::vector<Entry> in_order_;  // the same as the keeper has them: mostly nothing is another
  int updates_;
};

}  // namespace gnomon::engine
