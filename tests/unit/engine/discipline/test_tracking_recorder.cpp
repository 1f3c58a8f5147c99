// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/tracking_recorder.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

TimekeeperSettings recording() {
  TimekeeperSettings s;
  s.records = true;
  return s;
}

// All of a kind, in order.
template <class Record>
std::vector<Record> all(const Decisions& decisions) {
  std::vector<Record> found;
  for (const auto& each : decisions.records)
    if (const auto* const record = std::get_if<Record>(&each)) found.push_back(*record);
  return found;
}

// The samples until the clock is updated for the first time, and that update.
Decisions first_update(Hand& hand, double offset) {
  for (int i = 0; i < 10; ++i)
    if (auto decisions = hand.give(offset); !all<TrackingRecord>(decisions).empty()) return decisions;
  return {};
}

}  // namespace

TEST_CASE("an update is recorded with chrony's signs") {
  Hand hand(recording());
  const auto records = all<TrackingRecord>(first_update(hand, 0.25));
  REQUIRE(records.size() == 1);
  const auto& r = records[0];
  CHECK(r.time == hand.now.real);
  CHECK(base::to_string(r.address) == "192.0.2.1");
  CHECK(r.stratum == 2);
  CHECK(r.leap == base::LeapIndicator::none);
  CHECK(r.offset.count() == Approx(-0.25).margin(1e-4));  // slow
  CHECK(r.combined == 1);
  CHECK(r.remaining.count() == 0);
  CHECK(r.root_delay.count() == Approx(2e-3));
  CHECK(r.max_error.count() == Approx(1.5));  // nothing was known before
}

TEST_CASE("the next update has what was still to be corrected, and how wrong the clock may have been") {
  Hand hand(recording());
  REQUIRE_FALSE(first_update(hand, 0.25).records.empty());
  const auto records = all<TrackingRecord>(hand.give(0.25));  // nobody has corrected the clock
  REQUIRE(records.size() == 1);
  CHECK(records[0].remaining.count() == Approx(0.25).margin(1e-3));  // the system clock is slow
  CHECK(records[0].offset.count() == Approx(0).margin(1e-3));
  CHECK(records[0].max_error.count() == Approx(0.25).margin(0.01));
}

TEST_CASE("the log begins and ends, and a lost reference is told, as stratum 0 of nobody") {
  Hand hand(recording());
  REQUIRE_FALSE(first_update(hand, 0.01).records.empty());
  const auto lost = all<TrackingRecord>(hand.timekeeper.reset(hand.now));
  REQUIRE(lost.size() == 1);
  CHECK(base::to_string(lost[0].address) == "0.0.0.0");
  CHECK(lost[0].stratum == 0);
  CHECK(lost[0].leap == base::LeapIndicator::unsynchronised);
  CHECK(all<TrackingRecord>(hand.timekeeper.reset(hand.now)).empty());
  CHECK(hand.timekeeper.last_records(hand.now).size() == 1);
  Timekeeper fresh(recording());
  CHECK(all<TrackingRecord>(fresh.on_tick(hand.now)).size() == 1);
  CHECK(all<TrackingRecord>(fresh.on_tick(hand.now)).empty());
}

TEST_CASE("a time entered by hand is recorded as MANU") {
  auto settings = recording();
  settings.manual = true;
  Hand hand(settings);
  const auto entered = hand.timekeeper.enter_time(hand.now.real - 3s, hand.now);
  REQUIRE(entered);
  const auto records = all<TrackingRecord>(entered->decisions);
  REQUIRE(records.size() == 1);
  CHECK(records[0].reference_id == base::reference_id("MANU"));
  CHECK_FALSE(records[0].address.is_specified());
  CHECK(records[0].stratum == 1);
  CHECK(records[0].offset.count() == Approx(3));
}

TEST_CASE("nothing is recorded unless a log wants it") {
  Hand hand({});
  for (int i = 0; i < 10; ++i) CHECK(hand.give(0.01).records.empty());
  CHECK(hand.timekeeper.reset(hand.now).records.empty());
  CHECK(hand.timekeeper.last_records(hand.now).empty());
}

TEST_CASE("each line of a source, and each selection by a measurement, is recorded") {
  Hand hand(recording());
  CHECK(all<StatisticsRecord>(hand.give(0.01)).empty());  // one sample is no line
  CHECK(all<StatisticsRecord>(hand.give(0.01)).empty());
  const auto third = hand.give(0.01);
  REQUIRE(all<StatisticsRecord>(third).size() == 1);
  REQUIRE(all<SelectionRecord>(third).size() == 1);
  CHECK(all<SelectionRecord>(third)[0].reason == Reason::best);
  // In the order in which they come about.
  CHECK(std::holds_alternative<StatisticsRecord>(third.records.front()));
  CHECK(std::holds_alternative<TrackingRecord>(third.records.back()));
  CHECK(hand.timekeeper.on_tick(hand.now).records.empty());
}

TEST_CASE("logchange says beyond which error a correction is a message, once") {
  auto settings = recording();
  settings.log_change = base::Seconds{0.1};
  const auto notes = [](const Decisions& decisions) {
    return std::ranges::count_if(decisions.notes, is_about<note::ClockWrong>);
  };
  Hand small(settings);
  CHECK(notes(first_update(small, 0.09)) == 0);
  Hand large(settings);
  CHECK(notes(first_update(large, 0.11)) == 1);
  CHECK(notes(large.give(0.11)) == 0);
  // Somebody else sets the clock: what is wrong with it now is another error.
  large.now.real += 1s;
  static_cast<void>(large.timekeeper.on_clock_jumped(1s, large.now));
  for (int i = 0; i < 10; ++i) {
    const auto decisions = large.give(-0.89);
    if (!decisions.correction) continue;
    CHECK(decisions.correction->count() == Approx(-0.89).margin(0.01));
    CHECK(notes(decisions) == 1);
    break;
  }
  CHECK(notes(large.give(-0.89)) == 0);
}

}  // namespace gnomon::testing
