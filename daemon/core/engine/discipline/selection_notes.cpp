// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/selection_notes.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace gnomon::engine {

namespace {

std::string_view words_of(Lack lack) {
  switch (lack) {
    case Lack::enough:
      return "not enough";
    case Lack::required:
      return "no required source in";
    case Lack::selectable:
      break;
  }
  return "no";
}

bool none_answers(const Selection& selection) {
  const auto eligible =
      std::ranges::count_if(selection.verdicts, [](const Verdict& v) { return !v.effective.no_select; });
  return eligible > 0 && std::cmp_equal(selection.outcome.unreachable, eligible);
}

bool is_falseticker(std::span<const Verdict> verdicts, base::SourceId id) {
  return std::ranges::any_of(
      verdicts, [id](const Verdict& v) { return v.source == id && v.state == SourceState::falseticker; });
}

}  // namespace

std::optional<Note> SelectionNotes::trouble(const Selection& selection, bool was_selected,
                                            bool answers_overdue) {
  if (const auto& vote = selection.outcome.disagreement) {
    if (std::exchange(disagreement_noted_, true)) return std::nullopt;
    return Note{note::NoMajority{vote->voters, vote->agreeing, vote->trusted}};
  }
  // Before there was anything to lose there is nothing to tell until they have been asked often enough. After
  // all samples were dropped, until none of them answers any more.
  const bool missing = was_selected || (ever_selected_ ? none_answers(selection) : answers_overdue);
  if (!missing || std::exchange(loss_noted_, true)) return std::nullopt;
  return Note{note::NoSelectableSources{selection.outcome.unreachable, words_of(selection.outcome.lack)}};
}

std::vector<Note> SelectionNotes::compare(const Selection& selection, const Before& before,
                                          bool answers_overdue) {
  std::vector<Note> notes;
  for (const Verdict& v : selection.verdicts)
    if (v.state == SourceState::falseticker && !selection.outcome.disagreement &&
        !is_falseticker(before.verdicts, v.source))
      notes.push_back({note::Falseticker{v.evidence.offset}, v.source});
  if (!selection.selected) {
    if (auto note = trouble(selection, before.selected.has_value(), answers_overdue))
      notes.push_back(std::move(*note));
    return notes;
  }
  const base::SourceId id = selection.verdicts[*selection.selected].source;
  if (before.selected != id) notes.push_back({note::SelectedSource{}, id});
  disagreement_noted_ = loss_noted_ = false;
  ever_selected_ = true;
  return notes;
}

}  // namespace gnomon::engine
