// SPDX-License-Identifier: GPL-2.0-or-later
// When a selection is worth telling of.
#include <algorithm>

#include "daemon/core/engine/discipline/selection_notes.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

std::ptrdiff_t told(const Decisions& d, NoteKind kind) {
  return std::ranges::count(d.notes, kind, &Note::kind);
}

Decisions silence(Hand& hand, bool asked_often) {
  hand.now.real += 64s;
  hand.now.mono += 64s;
  return hand.timekeeper.update(base::SourceId{1}, {.asked_often = asked_often}, std::nullopt, hand.now);
}

}  // namespace

TEST_CASE("that nobody can be followed is told once sources have been asked often, and once") {
  Hand hand({});
  CHECK(told(silence(hand, false), NoteKind::no_selectable_sources) == 0);
  const auto overdue = silence(hand, true);
  REQUIRE(told(overdue, NoteKind::no_selectable_sources) == 1);
  CHECK(overdue.notes.front().value == 1);  // unreachable
  CHECK(told(hand.timekeeper.on_tick(hand.now), NoteKind::no_selectable_sources) == 0);
}

TEST_CASE("a daemon that sets the clock once, and a source that may not be selected, are no reason to tell") {
  TimekeeperSettings once;
  once.one_shot = true;
  Hand hand(once);
  CHECK(told(silence(hand, true), NoteKind::no_selectable_sources) == 0);
  config::Source watched;
  watched.no_select = true;
  Hand other({}, watched);
  CHECK(told(silence(other, true), NoteKind::no_selectable_sources) == 0);
}

TEST_CASE("the only source is not followed any more when it is unreachable, and again when it answers") {
  TimekeeperSettings settings;
  settings.clock.fallback_drift = std::pair{4, 8};
  Hand hand(settings);
  for (int i = 0; i < 40; ++i) static_cast<void>(hand.give(0));
  const auto lost = silence(hand, true);
  CHECK(told(lost, NoteKind::no_selectable_sources) == 1);
  CHECK(hand.timekeeper.verdicts()[0].reason == Reason::stale);
  CHECK(told(lost, NoteKind::fallback_drift) == 1);
  const auto back = hand.give(0);
  CHECK(told(back, NoteKind::selected_source) == 1);
}

TEST_CASE("the limit that keeps a source out is told after four samples in a row, once") {
  for (const auto kind :
       {NoteKind::root_distance_exceeded, NoteKind::jitter_exceeded, NoteKind::stratum_refused}) {
    TimekeeperSettings settings;
    if (kind == NoteKind::root_distance_exceeded) settings.selection.max_distance = base::Seconds{1e-6};
    if (kind == NoteKind::jitter_exceeded) settings.selection.max_jitter = base::Seconds{1e-9};
    if (kind == NoteKind::stratum_refused) settings.selection.min_stratum = {2};
    Hand hand(settings);
    std::ptrdiff_t times = 0;
    for (int i = 0; i < 12; ++i) {
      times += told(hand.give(0), kind);
      // Judged from the third sample on.
      CHECK(times == (i < 5 ? 0 : 1));
    }
  }
}

TEST_CASE("a falseticker is told when it becomes one, and not while nobody has a majority") {
  SelectionNotes notes;
  Selection selection;
  selection.verdicts = {{.source = {1}, .state = SourceState::selected},
                        {.source = {2}, .state = SourceState::falseticker}};
  selection.selected = 0;
  const auto first = notes.compare(selection, {}, false);
  REQUIRE(first.size() == 2);
  CHECK(first[0].kind == NoteKind::falseticker);
  CHECK(first[0].source == base::SourceId{2});
  CHECK(first[1].kind == NoteKind::selected_source);
  CHECK(notes.compare(selection, {selection.verdicts, base::SourceId{1}}, false).empty());

  Selection divided = selection;
  divided.selected.reset();
  divided.disagreement = Disagreement{.agreeing = 1, .voters = 2, .trusted = true};
  const auto second = notes.compare(divided, {{}, base::SourceId{1}}, false);
  REQUIRE(second.size() == 1);
  CHECK(second[0].kind == NoteKind::no_majority);
  CHECK(second[0].value == 2);
  CHECK(second[0].bound == 1);
  CHECK(second[0].text == "trusted ");
  CHECK(notes.compare(divided, {}, false).empty());
}

TEST_CASE("that the selected source is lost is told once, and what is lacking") {
  SelectionNotes notes;
  const Selection nobody{.lack = Lack::required, .unreachable = 3};
  CHECK(notes.compare(nobody, {}, false).empty());
  const auto lost = notes.compare(nobody, {{}, base::SourceId{1}}, false);
  REQUIRE(lost.size() == 1);
  CHECK(lost[0].kind == NoteKind::no_selectable_sources);
  CHECK(lost[0].value == 3);
  CHECK(lost[0].text == "no required source in");
  CHECK(notes.compare(nobody, {{}, base::SourceId{1}}, true).empty());
  // Once one was selected, that answers are overdue is nothing new.
  Selection found{.verdicts = {{.source = {1}, .state = SourceState::selected}}, .selected = 0};
  CHECK(notes.compare(found, {}, false).size() == 1);
  CHECK(notes.compare(nobody, {}, true).empty());
}

}  // namespace gnomon::testing
