// SPDX-License-Identifier: GPL-2.0-or-later
// When a selection is worth telling of.
#include <algorithm>

#include "daemon/core/engine/discipline/selection_notes.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

template <class Subject>
std::ptrdiff_t told(const Decisions& d) {
  return std::ranges::count_if(d.notes, is_about<Subject>);
}

// The limit that keeps a source out is told after four samples in a row, once.
template <class Subject>
void check_limit(const config::SelectionSettings& selection) {
  Hand hand({.selection = selection});
  std::ptrdiff_t times = 0;
  for (int i = 0; i < 12; ++i) {
    times += told<Subject>(hand.give(0));
    // Judged from the third sample on.
    CHECK(times == (i < 5 ? 0 : 1));
  }
}

Decisions silence(Hand& hand, bool asked_often) {
  hand.now.real += 64s;
  hand.now.mono += 64s;
  return hand.timekeeper.update(base::SourceId{1}, {.asked_often = asked_often}, std::nullopt, hand.now);
}

}  // namespace

TEST_CASE("that nobody can be followed is told once sources have been asked often, and once") {
  Hand hand({});
  CHECK(told<note::NoSelectableSources>(silence(hand, false)) == 0);
  const auto overdue = silence(hand, true);
  REQUIRE(told<note::NoSelectableSources>(overdue) == 1);
  CHECK(std::get<note::NoSelectableSources>(overdue.notes.front().subject).unreachable == 1);
  CHECK(told<note::NoSelectableSources>(hand.timekeeper.on_tick(hand.now)) == 0);
}

TEST_CASE("a daemon that sets the clock once, and a source that may not be selected, are no reason to tell") {
  TimekeeperSettings once;
  once.one_shot = true;
  Hand hand(once);
  CHECK(told<note::NoSelectableSources>(silence(hand, true)) == 0);
  config::Source watched;
  watched.no_select = true;
  Hand other({}, watched);
  CHECK(told<note::NoSelectableSources>(silence(other, true)) == 0);
}

TEST_CASE("the only source is not followed any more when it is unreachable, and again when it answers") {
  TimekeeperSettings settings;
  settings.clock.fallback_drift = config::FallbackSpans{{4}, {8}};
  Hand hand(settings);
  for (int i = 0; i < 40; ++i) static_cast<void>(hand.give(0));
  const auto lost = silence(hand, true);
  CHECK(told<note::NoSelectableSources>(lost) == 1);
  CHECK(hand.timekeeper.verdicts()[0].reason == Reason::stale);
  CHECK(told<note::FallbackDrift>(lost) == 1);
  const auto back = hand.give(0);
  CHECK(told<note::SelectedSource>(back) == 1);
}

TEST_CASE("after a jump of the clock it is no trouble that nobody is selected, until nobody answers") {
  Hand hand({});
  for (int i = 0; i < 10; ++i) static_cast<void>(hand.give(0));
  CHECK(told<note::NoSelectableSources>(hand.timekeeper.on_clock_jumped(100s, hand.now)) == 0);
  CHECK(told<note::NoSelectableSources>(hand.timekeeper.on_tick(hand.now)) == 0);
  CHECK(told<note::NoSelectableSources>(silence(hand, true)) == 1);
}

TEST_CASE("the limit that keeps a source out is told after four samples in a row, once") {
  check_limit<note::RootDistanceExceeded>({.max_distance = base::Seconds{1e-6}});
  check_limit<note::JitterExceeded>({.max_jitter = base::Seconds{1e-9}});
  check_limit<note::StratumRefused>({.min_stratum = {2}});
}

TEST_CASE("a falseticker is told when it becomes one, and not while nobody has a majority") {
  SelectionNotes notes;
  Selection selection;
  selection.verdicts = {{.source = {1}, .state = SourceState::selected},
                        {.source = {2}, .state = SourceState::falseticker}};
  selection.selected = 0;
  const auto first = notes.compare(selection, {}, false);
  REQUIRE(first.size() == 2);
  CHECK(is_about<note::Falseticker>(first[0]));
  CHECK(first[0].source == base::SourceId{2});
  CHECK(is_about<note::SelectedSource>(first[1]));
  CHECK(notes.compare(selection, {selection.verdicts, base::SourceId{1}}, false).empty());

  Selection divided = selection;
  divided.selected.reset();
  divided.outcome.disagreement = Disagreement{.agreeing = 1, .voters = 2, .trusted = true};
  const auto second = notes.compare(divided, {{}, base::SourceId{1}}, false);
  REQUIRE(second.size() == 1);
  const auto& vote = std::get<note::NoMajority>(second[0].subject);
  CHECK(vote.voters == 2);
  CHECK(vote.agreeing == 1);
  CHECK(vote.trusted);
  CHECK(notes.compare(divided, {}, false).empty());
}

TEST_CASE("that the selected source is lost is told once, and what is lacking") {
  SelectionNotes notes;
  const Selection nobody{.outcome = {.lack = Lack::required, .unreachable = 3}};
  CHECK(notes.compare(nobody, {}, false).empty());
  const auto lost = notes.compare(nobody, {{}, base::SourceId{1}}, false);
  REQUIRE(lost.size() == 1);
  const auto& loss = std::get<note::NoSelectableSources>(lost[0].subject);
  CHECK(loss.unreachable == 3);
  CHECK(loss.lack == "no required source in");
  CHECK(notes.compare(nobody, {{}, base::SourceId{1}}, true).empty());
  // Once one was selected, that answers are overdue is nothing new.
  Selection found{.verdicts = {{.source = {1}, .state = SourceState::selected}}, .selected = 0};
  CHECK(notes.compare(found, {}, false).size() == 1);
  CHECK(notes.compare(nobody, {}, true).empty());
}

}  // namespace gnomon::testing
