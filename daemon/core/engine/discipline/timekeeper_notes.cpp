// SPDX-License-Identifier: GPL-2.0-or-later
// What a selection is worth telling of, and how often.
#include <algorithm>
#include <utility>

#include "daemon/core/engine/discipline/timekeeper_state.hpp"

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

std::optional<NoteKind> note_of_limit(Reason reason) {
  switch (reason) {
    case Reason::distance_too_large:
      return NoteKind::root_distance_exceeded;
    case Reason::too_jittery:
      return NoteKind::jitter_exceeded;
    case Reason::stratum_out_of_range:
      return NoteKind::stratum_refused;
    default:
      return std::nullopt;
  }
}

}  // namespace

void Timekeeper::State::note_trouble(const Selection& selection, Decisions& decisions) {
  if (const auto& vote = selection.disagreement) {
    if (std::exchange(disagreement_noted, true)) return;
    decisions.notes.push_back({.kind = NoteKind::no_majority,
                               .value = static_cast<double>(vote->voters),
                               .text = vote->trusted ? "trusted " : "",
                               .bound = static_cast<double>(vote->agreeing)});
    return;
  }
  // Before there was anything to lose there is nothing to tell until they have been asked often enough.
  const bool overdue = !ever_selected && !settings.one_shot && !waits_until &&
                       std::ranges::any_of(sources, [](const auto& one) {
                         return one.second.status.asked_often && !one.second.traits.source.no_select;
                       });
  if ((!selected && !overdue) || std::exchange(loss_noted, true)) return;
  decisions.notes.push_back({.kind = NoteKind::no_selectable_sources,
                             .value = static_cast<double>(selection.unreachable),
                             .text = std::string(words_of(selection.lack))});
}

// A source that stays beyond a limit is never used, and its owner is to know which limit that is.
void Timekeeper::State::note_limits(const Selection& selection, base::SourceId updated,
                                    Decisions& decisions) {
  constexpr int enough = 4;  // samples in a row
  const auto v = std::ranges::find(selection.verdicts, updated, &Verdict::source);
  const auto kind = v == selection.verdicts.end() ? std::nullopt : note_of_limit(v->reason);
  TrackedSource& source = sources.at(updated);
  if (!kind || settings.one_shot) {
    source.beyond_limit = 0;
    return;
  }
  source.beyond_limit = v->reason == source.beyond ? source.beyond_limit + 1 : 1;
  source.beyond = v->reason;
  if (source.beyond_limit == enough)
    decisions.notes.push_back({.kind = *kind,
                               .source = updated,
                               .value = static_cast<double>(source.last.stratum.value),
                               .bound = v->evidence.limit});
}

void Timekeeper::State::note_changes(const Selection& selection, Decisions& decisions) {
  for (const Verdict& v : selection.verdicts) {
    if (v.state != SourceState::falseticker || selection.disagreement) continue;
    const bool was = std::any_of(verdicts.begin(), verdicts.end(), [&v](const Verdict& old) {
      return old.source == v.source && old.state == SourceState::falseticker;
    });
    if (!was) decisions.notes.push_back({NoteKind::falseticker, v.source, v.evidence.offset.count(), {}});
  }
  if (selection.selected) {
    const base::SourceId id = selection.verdicts[*selection.selected].source;
    if (selected != id) decisions.notes.push_back({NoteKind::selected_source, id, 0, {}});
    selected = id;
    disagreement_noted = loss_noted = false;
    ever_selected = true;
    return;
  }
  note_trouble(selection, decisions);
  selected.reset();
}

}  // namespace gnomon::engine
