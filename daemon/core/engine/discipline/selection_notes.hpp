// SPDX-License-Identifier: GPL-2.0-or-later
// What a selection is worth telling of, and how often. Owned by the source table.
#pragma once

#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "base/units.hpp"
#include "daemon/core/engine/selection/selection.hpp"
#include "daemon/core/engine/values/note.hpp"

namespace gnomon::engine {

class SelectionNotes {
 public:
  // What the selection before this one said.
  struct Before {
    std::span<const Verdict> verdicts;
    std::optional<base::SourceId> selected;
  };
  // answers_overdue: sources were asked so often that one of them should be selected by now.
  [[nodiscard]] std::vector<Note> compare(const Selection& selection, const Before& before,
                                          bool answers_overdue);

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.disagreement_noted_, self.loss_noted_, self.ever_selected_);
  }

 private:
  [[nodiscard]] std::optional<Note> trouble(const Selection& selection, bool was_selected,
                                            bool answers_overdue);

  // Said once until a source is selected: that there is no majority, and that nobody is selectable, which is
  // no trouble before sources have had their chance to be.
  bool disagreement_noted_ = false;
  bool loss_noted_ = false;
  bool ever_selected_ = false;
};

}  // namespace gnomon::engine
