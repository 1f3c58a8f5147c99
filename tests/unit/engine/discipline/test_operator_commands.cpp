// SPDX-License-Identifier: GPL-2.0-or-later
// What an operator commands at run time, and what the clock does when nothing corrects it.
#include <algorithm>
#include <cmath>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

config::Source quick() {
  config::Source source;
  source.max_samples = 1;  // each sample counts at once
  return source;
}

TimekeeperSettings plain() {
  TimekeeperSettings s;
  s.initial_rate = 0;
  return s;
}

template <class Subject>
bool noted(const Decisions& d) {
  return std::ranges::any_of(d.notes, is_about<Subject>);
}

void pass(Hand& hand, base::Duration time) {
  hand.now.real += time;
  hand.now.mono += time;
}

Decisions apply(Hand& hand, const OperatorCommand& command) {
  return hand.timekeeper.apply(command, hand.now).value();
}

}  // namespace

TEST_CASE("makestep with -x moves nothing and says so") {
  auto s = plain();
  s.steer = false;
  Hand hand(s, quick());
  static_cast<void>(hand.give(0.25));
  CHECK_FALSE(hand.timekeeper.apply(CorrectNow{}, hand.now));
}

TEST_CASE("a step that the clock helper refuses becomes the fastest slew") {
  auto s = plain();
  s.clock.max_slew_rate = base::Ppm{50000};
  s.clock.make_step = config::MakeStep{base::Seconds{0.1}, -1};
  Hand hand(s, quick());
  REQUIRE(find<StepClock>(hand.give(0.5)));
  const auto slew = find<SetRate>(hand.timekeeper.on_step_refused(hand.now));
  REQUIRE(slew);
  CHECK(slew->slew.value == Approx(50000));
  CHECK(base::to_seconds(slew->duration).count() == Approx(10).margin(0.01));
}

TEST_CASE("steps allowed at run time are counted from then on") {
  Hand hand(plain(), quick());
  for (int i = 0; i < 3; ++i) CHECK_FALSE(find<StepClock>(hand.give(5)));
  static_cast<void>(apply(hand, AllowSteps{{base::Seconds{1}, 1}}));
  CHECK(find<StepClock>(hand.give(5)));
  pass(hand, 20s);
  CHECK_FALSE(find<StepClock>(hand.give(5)));
}

TEST_CASE("maxchange ends the daemon, and -q ends even if it is to stay") {
  auto s = plain();
  s.clock.max_change = config::MaxChange{base::Seconds{1}, 0, 0, true};
  CHECK(Hand(s, quick()).give(30).give_up);
  s.clock.max_change->exit = false;
  s.set_once = true;
  CHECK(Hand(s, quick()).give(30).give_up);
}

TEST_CASE("what maxchange froze is told, serves nobody, and goes on by makestep") {
  auto s = plain();
  s.clock.max_change = config::MaxChange{base::Seconds{1}, 0, 0, false};
  s.local = config::Local{};
  Hand hand(s, quick());
  static_cast<void>(hand.give(30));
  CHECK(hand.timekeeper.tracking(hand.now).steering_frozen);
  CHECK(hand.timekeeper.tracking(hand.now).leap == base::LeapIndicator::unsynchronised);
  CHECK(hand.timekeeper.server_view(hand.now).leap == base::LeapIndicator::unsynchronised);
  CHECK(noted<note::SteeringResumed>(apply(hand, CorrectNow{})));
  CHECK_FALSE(hand.timekeeper.tracking(hand.now).steering_frozen);
  CHECK(find<SetRate>(hand.give(0.01)));
}

TEST_CASE("an update less certain than maxupdateskew leaves the frequency alone") {
  Hand hand(plain());
  static_cast<void>(apply(hand, LimitUpdateSkew{{1e-6}}));
  for (int i = 0; i < 8; ++i) static_cast<void>(hand.give(i * 100e-6));
  CHECK(hand.timekeeper.tracking(hand.now).frequency.value == 0);
  static_cast<void>(apply(hand, LimitUpdateSkew{{1000}}));
  for (int i = 8; i < 16; ++i) static_cast<void>(hand.give(i * 100e-6));
  CHECK(hand.timekeeper.tracking(hand.now).frequency.value == Approx(-50).margin(10));
}

TEST_CASE("the frequency never goes beyond maxdrift, from samples nor from the drift file nor by command") {
  auto s = plain();
  s.clock.max_drift = base::Ppm{20};
  Hand hand(s);
  for (int i = 0; i < 12; ++i) static_cast<void>(hand.give(i * 200e-6));
  CHECK(hand.timekeeper.tracking(hand.now).frequency.value == Approx(-20));
  const auto decided = apply(hand, AddFrequency{{100}});
  CHECK(find<SetRate>(decided)->frequency.value == Approx(-20));
  s.drift = DriftFile{{300}, {1}};
  s.clock.drift_file = "/var/lib/drift";
  Timekeeper timekeeper(s);
  const auto first = timekeeper.on_tick(hand.now);
  CHECK(find<SetRate>(first)->frequency.value == Approx(-20));
  CHECK(noted<note::FrequencyClamped>(first));
}

TEST_CASE("dfreq and doffset change the reference, at once") {
  Hand hand(plain());
  for (int i = 0; i < 6; ++i) static_cast<void>(hand.give(0));
  CHECK(find<SetRate>(apply(hand, AddFrequency{{7}}))->frequency.value == Approx(-7).margin(0.5));
  const auto back = find<SetRate>(apply(hand, AddOffset{base::Seconds{0.01}}));
  REQUIRE(back);
  CHECK(back->slew.value < 0);
  CHECK(back->slew.ratio() * base::to_seconds(back->duration).count() == Approx(-0.01).margin(1e-4));
}

TEST_CASE("a faster maxslewrate ends a correction sooner, a larger corrtimeratio later") {
  const auto first_slew = [](double rate, double ratio) {
    auto s = plain();
    s.clock.max_slew_rate = base::Ppm{rate};
    s.clock.corr_time_ratio = ratio;
    Hand hand(s, quick());
    return find<SetRate>(hand.give(1)).value_or(SetRate{});
  };
  CHECK(first_slew(1000, 3).slew.value == Approx(1000));
  CHECK(first_slew(500, 3).slew.value == Approx(500));
  const auto small = [](double ratio) {
    auto s = plain();
    s.clock.corr_time_ratio = ratio;
    Hand hand(s);
    for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(0, 64s));
    return find<SetRate>(hand.give(30e-6, 64s)).value_or(SetRate{}).duration;
  };
  CHECK(small(30) > 5 * small(3));
}

TEST_CASE("maxclockerror lets the root dispersion grow") {
  const auto after_an_hour = [](double ppm) {
    auto s = plain();
    s.clock.max_clock_error = base::Ppm{ppm};
    Hand hand(s);
    for (int i = 0; i < 6; ++i) static_cast<void>(hand.give(0));
    pass(hand, 3600s);
    return hand.timekeeper.server_view(hand.now).root_dispersion.count();
  };
  CHECK(after_an_hour(101) - after_an_hour(1) == Approx(0.36).margin(0.005));
}

TEST_CASE("clockprecision is what the server says of itself") {
  auto s = plain();
  s.clock_precision = base::Seconds{1.0 / 1024};
  CHECK(Timekeeper(s).server_view({}).precision == -10);
}

TEST_CASE("local comes and goes by command") {
  Hand hand(plain(), quick());
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 16);
  static_cast<void>(apply(hand, ServeLocal{config::Local{.stratum = {7}}}));
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 7);
  static_cast<void>(apply(hand, ServeLocal{}));
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 16);
}

TEST_CASE(
    "local activate waits until the clock was once good, waitsynced and waitunsynced for time to pass") {
  auto s = plain();
  s.local = config::Local{.stratum = {7},
                          .distance = base::Seconds{0.5},
                          .activate = base::Seconds{0.1},
                          .wait_synced = base::Seconds{100}};
  Hand hand(s, quick());
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 16);
  static_cast<void>(hand.give(0));  // root distance about 2 ms
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 2);
  static_cast<void>(
      apply(hand, ServeLocal{config::Local{
                      .stratum = {7}, .distance = base::Seconds{0}, .wait_synced = base::Seconds{100}}}));
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 2);
  pass(hand, 101s);
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 7);

  auto late = plain();
  late.local = config::Local{.stratum = {7}, .wait_unsynced = base::Seconds{300}};
  Hand never(late, quick());
  pass(never, 299s);
  CHECK(never.timekeeper.server_view(never.now).stratum == 16);
  pass(never, 2s);
  CHECK(never.timekeeper.server_view(never.now).stratum == 7);
}

TEST_CASE("of orphans the one of the smallest address leads, and is followed at the next stratum") {
  const auto stratum_at = [](const char* ours) {
    auto s = plain();
    s.local = config::Local{.stratum = {10}, .orphan = true};
    Hand hand(s, quick());
    pass(hand, 64s);
    Sample orphan = sample(hand.now, 0.001);
    orphan.stratum = {10};
    orphan.local = *base::parse_address(ours);
    static_cast<void>(hand.timekeeper.update(base::SourceId{1}, {.reach = 1}, orphan, hand.now));
    return hand.timekeeper.server_view(hand.now).stratum;
  };
  CHECK(stratum_at("192.0.2.2") == 11);  // the other is 192.0.2.1
  CHECK(stratum_at("192.0.2.0") == 10);
}

TEST_CASE("the clock runs at the fallback drift once its sources are gone") {
  auto s = plain();
  s.clock.fallback_drift = config::FallbackSpans{{6}, {6}};
  Hand hand(s);
  for (int i = 0; i < 60; ++i) static_cast<void>(hand.give(0, 16s));
  hand.timekeeper.remove(base::SourceId{1});
  pass(hand, 60s);
  CHECK_FALSE(noted<note::FallbackDrift>(hand.timekeeper.on_tick(hand.now)));
  pass(hand, 16s);
  const auto fallen = hand.timekeeper.on_tick(hand.now);
  CHECK(noted<note::FallbackDrift>(fallen));
  CHECK(find<SetRate>(fallen));
  pass(hand, 16s);
  CHECK_FALSE(noted<note::FallbackDrift>(hand.timekeeper.on_tick(hand.now)));
}

TEST_CASE("times entered by hand correct the clock, and two of them its frequency") {
  auto s = plain();
  Hand hand(s);
  CHECK_FALSE(hand.timekeeper.enter_time(hand.now.real, hand.now));
  static_cast<void>(apply(hand, AcceptManual{true}));
  const auto first = hand.timekeeper.enter_time(hand.now.real + 3s, hand.now);
  REQUIRE(first);
  CHECK(first->outcome.offset.count() == Approx(-3));
  CHECK(first->outcome.frequency_change.value == 0);
  CHECK(find<SetRate>(first->decisions)->slew.value > 0);
  CHECK_FALSE(hand.timekeeper.enter_time(hand.now.real + 3s, hand.now));  // within the same second
  base::Duration behind = 3s;
  for (int i = 0; i < 5; ++i) {
    pass(hand, 10000s);
    behind += 1s;  // 100 ppm slow
    const auto entered = hand.timekeeper.enter_time(hand.now.real + behind, hand.now);
    REQUIRE(entered);
    CHECK(entered->outcome.frequency.value == Approx(-100).margin(1));
    // Nobody waits for half a day until what he has said is true.
    const auto rate = std::get<SetRate>(entered->decisions.commands.back());
    CHECK(rate.duration < 200s);
  }
  CHECK(hand.timekeeper.tracking(hand.now).frequency.value == Approx(-100).margin(5));
  CHECK(hand.timekeeper.tracking(hand.now).leap == base::LeapIndicator::unsynchronised);
  const auto entries = hand.timekeeper.manual_entries();
  REQUIRE(entries.size() == 6);
  CHECK(entries[0].original.count() == Approx(-3));
  CHECK(std::fabs(entries[5].residual.count()) < 0.1);
  CHECK_FALSE(hand.timekeeper.apply(DeleteManual{6}, hand.now));
  static_cast<void>(apply(hand, DeleteManual{0}));
  CHECK(hand.timekeeper.manual_entries().size() == 5);
  static_cast<void>(apply(hand, ForgetManual{}));
  CHECK(hand.timekeeper.manual_entries().empty());
}

TEST_CASE("a source that stays beyond a limit is to be replaced, from its fourth such sample on") {
  auto s = plain();
  s.selection.max_distance = base::Seconds{1e-6};
  Hand hand(s);
  int before = 0;
  while (before < 20 && !hand.give(0).to_replace) ++before;
  CHECK(before >= 3);
  CHECK(before < 10);
  CHECK(hand.give(0).to_replace == base::SourceId{1});
  Hand good(plain());
  for (int i = 0; i < 20; ++i) CHECK_FALSE(good.give(0).to_replace);
}

TEST_CASE("a time entered by hand beyond maxchange is refused and not kept") {
  auto s = plain();
  s.manual = true;
  s.clock.max_change = config::MaxChange{base::Seconds{1}, 0, 5, false};
  Hand hand(s);
  CHECK_FALSE(hand.timekeeper.enter_time(hand.now.real + 10s, hand.now));
  CHECK(hand.timekeeper.manual_entries().empty());
}

TEST_CASE("reselect forgets who was selected, reselectdist how dear a change is") {
  Hand hand(plain(), quick());
  static_cast<void>(hand.give(0));
  CHECK(noted<note::SelectedSource>(apply(hand, SelectAnew{})));
  CHECK(hand.timekeeper.apply(SetReselectDistance{base::Seconds{0.5}}, hand.now));
}

TEST_CASE("after a sleep the frequency is kept, the offset is not believed, and the journal says so") {
  Hand hand(plain());
  for (int i = 0; i < 12; ++i) static_cast<void>(hand.give(i * 20e-6));  // 10 ppm slow
  const double before = hand.timekeeper.tracking(hand.now).frequency.value;
  hand.now.real += 8h;  // CLOCK_MONOTONIC stood still
  const auto woken = hand.timekeeper.on_clock_jumped(8h, hand.now, 8h);
  REQUIRE(noted<note::MachineSlept>(woken));
  CHECK(std::get<note::MachineSlept>(woken.notes.back().subject).length == 8h);
  CHECK(find<SetRate>(woken)->frequency.value == Approx(-before));
  CHECK(hand.timekeeper.tracking(hand.now).frequency.value == before);
  CHECK(hand.timekeeper.statistics(base::SourceId{1}, hand.now).samples == 0);
  for (int i = 0; i < 3; ++i) static_cast<void>(hand.give(0.7 + i * 20e-6));  // the RTC was that wrong
  CHECK(hand.timekeeper.tracking(hand.now).system_time.count() == Approx(0.7).margin(0.01));
  CHECK(hand.timekeeper.tracking(hand.now).frequency.value == Approx(before).margin(2));
  CHECK(noted<note::ClockJumped>(hand.timekeeper.on_clock_jumped(1h, hand.now, 0s)));
}

TEST_CASE("the time asleep is nobody's change: the reference goes along, and is trusted when measured") {
  auto s = plain();
  s.clock.fallback_drift = config::FallbackSpans{{4}, {5}};
  Hand hand(s);
  for (int i = 0; i < 40; ++i) static_cast<void>(hand.give(0));
  static_cast<void>(apply(hand, AddOffset{base::Seconds{-0.25}}));  // still to be corrected
  const auto before = hand.timekeeper.tracking(hand.now);
  REQUIRE(before.system_time.count() == Approx(0.25).margin(1e-4));
  hand.now.real += 8h;
  const auto woken = hand.timekeeper.on_clock_jumped(8h, hand.now, 8h);
  CHECK_FALSE(noted<note::NoSelectableSources>(woken));
  CHECK(find<ReportStatus>(woken)->leap == base::LeapIndicator::unsynchronised);
  const auto after = hand.timekeeper.tracking(hand.now);
  CHECK(after.system_time.count() == Approx(before.system_time.count()).margin(1e-6));
  CHECK(after.leap == base::LeapIndicator::unsynchronised);
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 16);
  const auto step = find<StepClock>(apply(hand, CorrectNow{}));
  REQUIRE(step);
  CHECK(base::to_seconds(step->offset).count() == Approx(0.25).margin(1e-3));
  pass(hand, 40s);  // no source answers
  const auto fallen = hand.timekeeper.on_tick(hand.now);
  REQUIRE(noted<note::FallbackDrift>(fallen));
  const auto rate = find<SetRate>(fallen);
  CHECK(std::fabs(rate->slew.ratio()) * base::to_seconds(rate->duration).count() < 0.26);
  for (int i = 0; i < 3; ++i) static_cast<void>(hand.give(0));
  CHECK(hand.timekeeper.tracking(hand.now).leap == base::LeapIndicator::none);
}

TEST_CASE("what somebody set the clock by during a sleep is still to be corrected") {
  Hand hand(plain());
  for (int i = 0; i < 6; ++i) static_cast<void>(hand.give(0));
  hand.now.real += 8h + 5s;
  static_cast<void>(hand.timekeeper.on_clock_jumped(8h + 5s, hand.now, 8h));
  CHECK(hand.timekeeper.tracking(hand.now).system_time.count() == Approx(-5).margin(1e-3));
}

TEST_CASE("-q corrects what is left after the slew once more, and only once") {
  auto s = plain();
  s.set_once = true;
  Hand hand(s, quick());
  const auto slew = find<SetRate>(hand.give(0.03));
  REQUIRE(slew);
  // The slew began late and ended 7 ms short.
  UNSCOPED_INFO(slew->slew.value << " " << base::to_seconds(slew->duration).count());
  const double rate = slew->frequency.ratio() + slew->slew.ratio();
  static_cast<void>(hand.timekeeper.on_clock_changed({hand.now.real, rate, {}}, hand.now));
  const auto length = base::to_duration(base::to_seconds(slew->duration) * (1 + rate)) - 240ms;
  pass(hand, length);
  const auto again = hand.timekeeper.on_clock_changed({hand.now.real, slew->frequency.ratio(), {}}, hand.now);
  const auto rest = find<SetRate>(again);
  REQUIRE(rest);
  CHECK(rest->slew.ratio() * base::to_seconds(rest->duration).count() == Approx(0.007).margin(7e-4));
  pass(hand, 500ms);
  CHECK(hand.timekeeper.on_clock_changed({hand.now.real, slew->frequency.ratio(), {}}, hand.now)
            .commands.empty());
}

}  // namespace gnomon::testing
