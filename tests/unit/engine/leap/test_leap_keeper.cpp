// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_keeper.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;
using base::LeapIndicator;
using config::LeapSecondMode;
using Kind = LeapEvent::Kind;

namespace {

constexpr base::RealTime midnight{1'830'297'600s};  // 2028-01-01

base::Now at(base::Duration from_midnight) {
  return {midnight + from_midnight, base::MonoTime{1000h + from_midnight}};
}

// One that has left a second to the measurements.
LeapKeeper with_a_second_left(LeapIndicator indicator = LeapIndicator::insert) {
  LeapKeeper leap{LeapSecondMode::ignore, true};
  REQUIRE(leap.announce(indicator, midnight - 12h));
  static_cast<void>(leap.look(at(-2s)));
  REQUIRE(leap.look(at(1ms)).kind == Kind::left);
  return leap;
}

}  // namespace

TEST_CASE("what a table knows of is announced, once, whatever the sources say") {
  LeapTable table;
  REQUIRE(table.append({midnight - 1000 * 24h, 37}));
  REQUIRE(table.append({midnight, 38}));
  LeapKeeper leap{LeapSecondMode::system, true};
  leap.set_table(table);
  CHECK(leap.tai_offset(midnight - 1s) == 37);
  const auto note = leap.announce(LeapIndicator::none, midnight - 12h);
  REQUIRE(note);
  CHECK(is_about<note::LeapAnnounced>(*note));
  CHECK(leap.indicator() == LeapIndicator::insert);
  CHECK_FALSE(leap.announce(LeapIndicator::none, midnight - 11h));
}

TEST_CASE("a second that our clock has made leaves nothing for the measurements") {
  LeapKeeper leap{LeapSecondMode::step, true};
  REQUIRE(leap.announce(LeapIndicator::insert, midnight - 12h));
  CHECK(leap.look(at(1ms)).kind == Kind::step_due);
  const auto made = leap.stepped(midnight - 998ms, -1s);
  REQUIRE(made);
  CHECK(is_about<note::LeapMade>(leap.made(*made)));
  CHECK_FALSE(leap.is_shown_by(midnight + 1h));
  CHECK_FALSE(leap.take_measurement(base::Seconds{1}));
}

TEST_CASE("the first measurement after a second that was left shows that the source has made it") {
  auto leap = with_a_second_left();
  CHECK_FALSE(leap.is_shown_by(midnight - 1s));
  REQUIRE(leap.is_shown_by(midnight + 10s));
  CHECK_FALSE(leap.take_measurement(base::Seconds{0.01}));
  CHECK_FALSE(leap.is_shown_by(midnight + 20s));
}

TEST_CASE("or that it has made none: then the second is taken back, once") {
  for (const auto& [indicator, seconds] :
       {std::pair{LeapIndicator::insert, 1}, {LeapIndicator::remove, -1}}) {
    auto leap = with_a_second_left(indicator);
    const auto untrue = leap.take_measurement(base::Seconds{0.8 * seconds});
    REQUIRE(untrue);
    CHECK(untrue->seconds == seconds);
    CHECK(leap.is_near(untrue->at));
    CHECK_FALSE(leap.take_measurement(base::Seconds{0.8 * seconds}));
  }
}

TEST_CASE("a clock that somebody has set shows no leap second any more") {
  auto leap = with_a_second_left();
  leap.forget();
  CHECK_FALSE(leap.is_shown_by(midnight + 10s));
  CHECK(leap.indicator() == LeapIndicator::none);
}

}  // namespace gnomon::testing
