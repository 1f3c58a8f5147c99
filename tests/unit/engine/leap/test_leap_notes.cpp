// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_notes.hpp"

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;
using base::LeapIndicator;
using config::LeapSecondMode;

TEST_CASE("more than half of the sources make a leap second") {
  using V = std::vector<LeapIndicator>;
  CHECK(leap_by_majority(V{}) == LeapIndicator::none);
  CHECK(leap_by_majority(V{LeapIndicator::insert}) == LeapIndicator::insert);
  CHECK(leap_by_majority(V{LeapIndicator::insert, LeapIndicator::none}) == LeapIndicator::none);
  CHECK(leap_by_majority(V{LeapIndicator::insert, LeapIndicator::none, LeapIndicator::insert}) ==
        LeapIndicator::insert);
  CHECK(leap_by_majority(V{LeapIndicator::remove, LeapIndicator::remove, LeapIndicator::insert}) ==
        LeapIndicator::remove);
  CHECK(leap_by_majority(V{LeapIndicator::unsynchronised}) == LeapIndicator::none);
}

TEST_CASE("a table that knows of the day's leap second counts for more than the sources") {
  const base::RealTime new_year{1'483'228'800s};  // 2017
  LeapTable table;
  REQUIRE(table.append({base::RealTime{1'435'708'800s}, 36}));
  REQUIRE(table.append({new_year, 37}));
  CHECK(leap_of_day(table, LeapIndicator::none, new_year - 1h) == LeapIndicator::insert);
  CHECK(leap_of_day(table, LeapIndicator::remove, new_year - 1h) == LeapIndicator::insert);
  CHECK(leap_of_day(table, LeapIndicator::remove, new_year + 1h) == LeapIndicator::remove);
  CHECK(leap_of_day({}, LeapIndicator::insert, new_year) == LeapIndicator::insert);
}

namespace {

note::LeapAnnounced announced(const Note& note) {
  return std::get<note::LeapAnnounced>(note.subject);
}

}  // namespace

TEST_CASE("an announcement says what comes, and who makes it in each mode") {
  std::set<std::string> ways;
  for (const auto mode :
       {LeapSecondMode::system, LeapSecondMode::step, LeapSecondMode::slew, LeapSecondMode::ignore}) {
    const Note note = leap_announced(LeapIndicator::insert, {mode, true});
    CHECK(announced(note).seconds == 1);
    ways.emplace(announced(note).how);
    CHECK(announced(leap_announced(LeapIndicator::insert, {mode, false})).how ==
          "the clock is not ours to correct");
  }
  CHECK(ways.size() == 4);
  CHECK(announced(leap_announced(LeapIndicator::remove, {})).seconds == -1);
  CHECK(announced(leap_announced(LeapIndicator::none, {})).seconds == 0);
}

TEST_CASE("a leap second that somebody was to make and did not is told as missed") {
  using Kind = LeapEvent::Kind;
  for (const auto kind : {Kind::jumped, Kind::slew_due, Kind::left})
    CHECK(is_about<note::LeapMade>(leap_made({kind, 1, {}}, {})));
  const Note missed = leap_made({Kind::missed, -1, {}}, {});
  CHECK(std::get<note::LeapMissed>(missed.subject).seconds == -1);
}

TEST_CASE("the clock is moved by the kernel's leap second only") {
  CHECK(LeapEvent{LeapEvent::Kind::jumped, 1, {}}.jump() == -1s);
  CHECK(LeapEvent{LeapEvent::Kind::jumped, -1, {}}.jump() == 1s);
  CHECK(LeapEvent{LeapEvent::Kind::slew_due, 1, {}}.jump() == 0s);
}

}  // namespace gnomon::testing
