// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_seconds.hpp"

#include "daemon/core/engine/estimation/timescale.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;
using base::LeapIndicator;
using config::LeapSecondMode;
using Kind = LeapEvent::Kind;

namespace {

constexpr base::RealTime midnight{1'830'297'600s};  // 2028-01-01

// A clock at that distance from midnight, and the kernel's jumps.
struct Script {
  explicit Script(LeapSecondMode mode, bool steer = true) : leap(mode, steer) {}
  base::Now at(base::Duration from_midnight) const {
    return {midnight + from_midnight, base::MonoTime{1000h + from_midnight - jumped}};
  }
  LeapEvent look(base::Duration from_midnight) { return leap.look(at(from_midnight)); }
  bool announce(LeapIndicator indicator, base::Duration from_midnight = -12h) {
    return leap.announce(indicator, midnight + from_midnight);
  }
  LeapSeconds leap;
  base::Duration jumped{};
};

}  // namespace

TEST_CASE("a leap second is announced on the last day of June or December only") {
  for (const auto& [day, good] : {std::pair{1'830'211'200s, true},  // 2027-12-31
                                  {1'830'124'800s, false},          // the day before
                                  {1'814'313'600s, true},           // 2027-06-30
                                  {1'806'451'200s, false}}) {       // 2027-03-31
    LeapSeconds leap(LeapSecondMode::system, true);
    CHECK(leap.announce(LeapIndicator::insert, base::RealTime{day + 1h}) == good);
    CHECK((leap.indicator() == LeapIndicator::insert) == good);
    CHECK((leap.armed() == LeapIndicator::insert) == good);
  }
}

TEST_CASE("only the mode system arms the kernel") {
  for (const auto mode : {LeapSecondMode::step, LeapSecondMode::slew, LeapSecondMode::ignore}) {
    Script script(mode);
    CHECK(script.announce(LeapIndicator::insert));
    CHECK(script.leap.indicator() == LeapIndicator::insert);
    CHECK(script.leap.armed() == LeapIndicator::none);
  }
}

TEST_CASE("an announcement may be taken back, and is settled in the last seconds") {
  Script script(LeapSecondMode::system);
  CHECK(script.announce(LeapIndicator::insert));
  CHECK_FALSE(script.announce(LeapIndicator::insert, -1h));
  CHECK(script.announce(LeapIndicator::none, -30min));
  CHECK(script.leap.indicator() == LeapIndicator::none);
  CHECK_FALSE(script.announce(LeapIndicator::insert, -3s));
  CHECK(script.announce(LeapIndicator::insert, -10s));
  CHECK_FALSE(script.announce(LeapIndicator::none, -4s));
  CHECK(script.leap.armed() == LeapIndicator::insert);
}

TEST_CASE("the kernel's inserted second is seen in the difference of the clocks") {
  Script script(LeapSecondMode::system);
  script.announce(LeapIndicator::insert);
  CHECK(script.look(-2s).kind == Kind::none);
  CHECK(script.look(-1ms).kind == Kind::none);
  CHECK(script.leap.indicator() == LeapIndicator::insert);
  // A kernel that sleeps shows the next day for a moment.
  CHECK(script.look(1ms).kind == Kind::none);
  CHECK(script.leap.indicator() == LeapIndicator::none);
  CHECK(script.leap.next_look(midnight + 1ms) <= 50ms);
  script.jumped = -1s;
  CHECK(script.leap.is_leap(-1s, midnight - 990ms));
  const auto event = script.look(-990ms);
  CHECK(event.kind == Kind::jumped);
  CHECK(event.seconds == 1);
  CHECK(event.at == midnight - 1s);
  CHECK(script.leap.indicator() == LeapIndicator::none);
  CHECK(script.look(1s).kind == Kind::none);
  CHECK(script.look(2s).kind == Kind::over);
  CHECK(script.look(3s).kind == Kind::none);
  CHECK(script.leap.is_near(midnight + 4s));
  CHECK_FALSE(script.leap.is_near(midnight + 6s));
}

TEST_CASE("the kernel's deleted second is seen, too") {
  Script script(LeapSecondMode::system);
  script.announce(LeapIndicator::remove);
  CHECK(script.look(-1001ms).kind == Kind::none);
  script.jumped = 1s;
  const auto event = script.look(1ms);
  CHECK(event.kind == Kind::jumped);
  CHECK(event.seconds == -1);
  CHECK(event.at == midnight);
  CHECK(script.look(2s).kind == Kind::over);
}

TEST_CASE("a kernel that does nothing is waited for two seconds") {
  Script script(LeapSecondMode::system);
  script.announce(LeapIndicator::insert);
  script.look(-1s);
  CHECK(script.look(1s).kind == Kind::none);
  const auto event = script.look(2s);
  CHECK(event.kind == Kind::missed);
  CHECK(event.at == midnight);
}

TEST_CASE("the command to step comes at the instant, once, and its outcome is the leap second") {
  for (const auto& [indicator, instant, step] :
       {std::tuple{LeapIndicator::insert, 0s, -1s}, {LeapIndicator::remove, -1s, 1s}}) {
    Script script(LeapSecondMode::step);
    script.announce(indicator);
    CHECK(script.leap.next_look(midnight + instant - 300ms) == 301ms);
    CHECK(script.look(instant - 1ms).kind == Kind::none);
    CHECK(script.look(instant + 1ms).kind == Kind::step_due);
    CHECK(script.look(instant + 2ms).kind == Kind::none);
    CHECK_FALSE(script.leap.stepped(midnight, 5s));
    const auto event = script.leap.stepped(midnight + instant + 3ms + step, step);
    REQUIRE(event);
    CHECK(event->kind == Kind::jumped);
    CHECK(event->at == midnight + instant + 3ms + step);
  }
}

TEST_CASE("a step that was refused leaves the second to the measurements") {
  Script script(LeapSecondMode::step);
  script.announce(LeapIndicator::insert);
  CHECK(script.look(1ms).kind == Kind::step_due);
  CHECK(script.look(2001ms).kind == Kind::missed);
}

TEST_CASE("slewing begins after an inserted second and before a deleted one; ignoring does neither") {
  for (const auto& [mode, kind] :
       {std::pair{LeapSecondMode::slew, Kind::slew_due}, {LeapSecondMode::ignore, Kind::left}}) {
    Script inserted(mode);
    inserted.announce(LeapIndicator::insert);
    CHECK(inserted.look(-1ms).kind == Kind::none);
    CHECK(inserted.look(5ms).kind == kind);
    Script deleted(mode);
    deleted.announce(LeapIndicator::remove);
    CHECK(deleted.look(-1001ms).kind == Kind::none);
    const auto event = deleted.look(-995ms);
    CHECK(event.kind == kind);
    CHECK(event.at == midnight - 1s);
  }
}

TEST_CASE("a jump that nobody announced, or of another size, is no leap second") {
  LeapSeconds leap(LeapSecondMode::system, true);
  CHECK_FALSE(leap.is_leap(-1s, midnight));
  leap.announce(LeapIndicator::insert, midnight - 1h);
  CHECK(leap.is_leap(-1s, midnight));
  CHECK_FALSE(leap.is_leap(1s, midnight));
  CHECK_FALSE(leap.is_leap(-1100ms, midnight));
  CHECK_FALSE(leap.is_leap(-1s, midnight - 2s));
  leap.forget();
  CHECK_FALSE(leap.is_leap(-1s, midnight));
}

TEST_CASE("who does not have the clock expects the second of others, and misses nothing") {
  Script script(LeapSecondMode::ignore, false);
  script.announce(LeapIndicator::insert);
  script.look(-1s);
  CHECK(script.look(1s).kind == Kind::none);
  CHECK(script.look(2s).kind == Kind::left);
}

TEST_CASE("looks come at the end of every day and at no other time") {
  const LeapSeconds leap(LeapSecondMode::system, true);
  CHECK(leap.next_look(midnight - 1h) == 1h - 1s + 1ms);
  CHECK(leap.next_look(midnight - 10s) == 9001ms);
  CHECK(leap.next_look(midnight - 500ms) == 501ms);
  CHECK(leap.next_look(midnight) == 2001ms);
}

}  // namespace gnomon::testing
