// SPDX-License-Identifier: GPL-2.0-or-later
#include <cmath>

#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

using namespace engine;
using simulation::Oscillator;
using simulation::Server;
using simulation::World;

namespace {

Server lan() {
  Server server;
  server.options.iburst = true;
  return server;
}

TimekeeperSettings settings(std::optional<config::MakeStep> make_step = config::MakeStep{base::Seconds{1},
                                                                                         3}) {
  TimekeeperSettings s;
  s.clock.make_step = make_step;
  return s;
}

template <class Subject>
bool noted(const World& world) {
  return std::ranges::any_of(world.notes(), is_about<Subject>);
}

int steps(const World& world) {
  return static_cast<int>(std::count_if(world.commands().begin(), world.commands().end(),
                                        [](const auto& c) { return std::holds_alternative<StepClock>(c); }));
}

const Verdict& verdict_of(World& world, std::uint32_t id) {
  const auto all = world.timekeeper().verdicts();
  return *std::find_if(all.begin(), all.end(), [id](const Verdict& v) { return v.source.value == id; });
}

}  // namespace

TEST_CASE("a clock 20 ppm and 10 ms off comes within 100 us and stays there") {
  World world({}, {lan()}, settings());
  world.run(600, 600);
  CHECK(std::fabs(world.clock().error()) < 100e-6);
  const auto result = world.run(8000, 1000);
  CHECK(result.rms < 100e-6);
  CHECK(world.timekeeper().tracking(world.now()).frequency.value == Approx(20).margin(0.5));
  CHECK(noted<note::SelectedSource>(world));
  CHECK(steps(world) == 0);
}

TEST_CASE("iburst alone brings the clock within a millisecond in ten seconds") {
  World world({}, {lan()}, settings());
  world.run(10, 10);
  CHECK(std::fabs(world.clock().error()) < 1e-3);
}

TEST_CASE("a clock 500 ppm off converges too") {
  Oscillator oscillator;
  oscillator.frequency = 499e-6;
  World world(oscillator, {lan()}, settings());
  CHECK(world.run(6000, 1500).rms < 200e-6);
  CHECK(world.timekeeper().tracking(world.now()).frequency.value == Approx(499).margin(1));
}

TEST_CASE("1000 s are stepped with makestep 1 3, once") {
  for (const double offset : {1000.0, -1000.0}) {
    Oscillator oscillator;
    oscillator.offset = offset;
    World world(oscillator, {lan()}, settings());
    world.run(30, 30);
    CHECK(std::fabs(world.clock().error()) < 0.01);
    CHECK(steps(world) == 1);
    CHECK(noted<note::ClockStepped>(world));
    CHECK(noted<note::ClockWrong>(world));
    CHECK(world.measured_offset()->count() == Approx(-offset).margin(0.01));
    CHECK(world.run(4000, 1500).rms < 200e-6);
    CHECK(steps(world) == 1);
  }
}

TEST_CASE("without makestep the clock is slewed, never faster than maxslewrate") {
  Oscillator oscillator;
  oscillator.offset = 2;
  auto s = settings(std::nullopt);
  s.clock.max_slew_rate = base::Ppm{1000};
  World world(oscillator, {lan()}, s);
  world.run(1000, 1000);
  CHECK(world.clock().error() == Approx(1).margin(0.1));
  CHECK(steps(world) == 0);
  world.run(6000, 6000);
  CHECK(std::fabs(world.clock().error()) < 1e-3);
}

TEST_CASE("one of four servers that is 50 ms off is excluded") {
  std::vector<Server> servers(4, lan());
  for (auto& server : servers) server.delay = 5e-3;
  servers[2].offset = 50e-3;
  World world({}, servers, settings());
  CHECK(world.run(6000, 1500).rms < 1e-3);
  CHECK(verdict_of(world, 3).state == SourceState::falseticker);
  CHECK(verdict_of(world, 3).reason == Reason::falseticker);
  CHECK(noted<note::Falseticker>(world));
  const auto all = world.timekeeper().verdicts();
  CHECK(std::count_if(all.begin(), all.end(),
                      [](const Verdict& v) { return v.state == SourceState::selected; }) == 1);
}

TEST_CASE("two against two is no majority and moves nothing") {
  std::vector<Server> servers(4, lan());
  servers[2].offset = servers[3].offset = 50e-3;
  World world({}, servers, settings());
  world.run(600, 600);
  CHECK(world.timekeeper().updates() == 0);
  CHECK(noted<note::NoMajority>(world));
}

TEST_CASE("loss of a third of the packets is survived") {
  auto server = lan();
  server.loss = 0.3;
  World world({}, {server}, settings());
  CHECK(world.run(10000, 3000).rms < 300e-6);
}

TEST_CASE("maxsamples 1 sets the clock by the first sample, three are needed otherwise") {
  config::Source source;
  Hand three(settings());
  CHECK_FALSE(three.give(0.5).measured_offset);
  CHECK_FALSE(three.give(0.5).measured_offset);
  CHECK(three.give(0.5).measured_offset->count() == Approx(0.5).margin(1e-6));
  source.max_samples = 1;
  Hand one(settings(), source);
  CHECK(one.give(0.5).measured_offset->count() == Approx(0.5).margin(1e-6));
}

TEST_CASE("a clock that somebody else has set is known to be wrong at once, and measured again") {
  Hand hand(settings(config::MakeStep{base::Seconds{1}, -1}));
  for (int i = 0; i < 6; ++i) hand.give(0);
  hand.now.real += 3600s;
  const auto jump = hand.timekeeper.on_clock_jumped(3600s, hand.now);
  // Whatever slew was under way had another clock in mind.
  REQUIRE(jump.commands.size() == 1);
  CHECK(std::get<SetRate>(jump.commands[0]).duration == 0ns);
  CHECK(is_about<note::ClockJumped>(jump.notes.at(0)));
  CHECK(hand.timekeeper.statistics(base::SourceId{1}, hand.now).samples == 0);
  CHECK(hand.timekeeper.tracking(hand.now).leap == base::LeapIndicator::unsynchronised);
  CHECK(hand.timekeeper.tracking(hand.now).system_time.count() == Approx(-3600).margin(1e-3));
  static_cast<void>(hand.give(-3600));
  static_cast<void>(hand.give(-3600));
  const auto step = find<StepClock>(hand.give(-3600));
  REQUIRE(step);
  CHECK(base::to_seconds(step->offset).count() == Approx(-3600).margin(1e-3));
}

TEST_CASE("a source that falls out is an event like any other: a leap second is made with it") {
  auto s = settings();
  s.clock.leap_second_mode = config::LeapSecondMode::slew;
  Timekeeper keeper(s);
  keeper.add({{1}, {}, {}, false});
  base::Now now{base::RealTime{1'830'297'540s}, base::MonoTime{5000s}};  // a minute before 2028
  for (int i = 0; i < 5; ++i) {
    now = {now.real + 2s, now.mono + 2s};
    Sample announced = sample(now, 0);
    announced.leap = base::LeapIndicator::insert;
    static_cast<void>(keeper.update({1}, {1}, announced, now));
  }
  now = {now.real + 60s, now.mono + 60s};
  const auto fallen_out = keeper.update({1}, {0, true}, {}, now);
  CHECK(std::ranges::count_if(fallen_out.notes, engine::is_about<note::LeapMade>) == 1);
}

TEST_CASE("a source that answers again is selected by that answer, in one selection") {
  Hand hand(settings());
  for (int i = 0; i < 5; ++i) static_cast<void>(hand.give(0));
  static_cast<void>(hand.timekeeper.update({1}, {0, true}, {}, hand.now));
  CHECK(hand.timekeeper.verdicts()[0].reason == Reason::stale);
  const auto back = hand.give(1e-3);
  CHECK(back.notes.size() == 1);
  CHECK(is_about<note::SelectedSource>(back.notes.at(0)));
  CHECK(find<SetRate>(back));
}

TEST_CASE("who has not been asked yet after initstepslew is no trouble") {
  TimekeeperSettings initial = settings();
  initial.corrects_initially = true;
  initial.clock.init_step_slew = config::InitStepSlew{.threshold = base::Seconds{5}, .hosts = {}};
  Hand hand(initial);
  bool corrected = false;
  for (int i = 0; i < 4; ++i) corrected = hand.give(0.1).measured_offset || corrected;
  REQUIRE(corrected);
  hand.timekeeper.remove(base::SourceId{1});
  hand.timekeeper.end_initial();
  hand.timekeeper.add({base::SourceId{2}, {}, *base::parse_address("192.0.2.1"), false});
  const auto decisions = hand.timekeeper.on_tick(hand.now);
  CHECK_FALSE(std::ranges::any_of(decisions.notes, is_about<note::NoSelectableSources>));
}

TEST_CASE("-x measures and reports but commands nothing") {
  auto s = settings();
  s.steer = false;
  Hand hand(s);
  for (int i = 0; i < 4; ++i) CHECK(hand.give(5).commands.empty());
  CHECK(hand.timekeeper.updates() == 2);
  CHECK(hand.timekeeper.tracking(hand.now).system_time.count() == Approx(5).margin(1e-3));
  CHECK(hand.timekeeper.tracking(hand.now).stratum == 2);
}

TEST_CASE("-q corrects once: a small offset by a quick slew, a large one by a step") {
  config::Source source;
  source.max_samples = 1;
  auto s = settings(std::nullopt);
  s.set_once = true;
  Hand small(s, source);
  const auto rate = find<SetRate>(small.give(0.03));
  REQUIRE(rate);
  CHECK(rate->slew.ratio() * base::to_seconds(rate->duration).count() == Approx(0.03).epsilon(1e-3));
  CHECK(base::to_seconds(rate->duration).count() < 2);
  CHECK(small.give(0.03).commands.empty());
  Hand large(s, source);
  CHECK(find<StepClock>(large.give(0.1)) == StepClock{100ms});
}

TEST_CASE("-q leaves the frequency as it was") {
  auto s = settings(std::nullopt);
  s.set_once = true;
  Hand hand(s);
  std::optional<SetRate> rate;
  for (int i = 0; i < 4 && !rate; ++i) rate = find<SetRate>(hand.give(0.1 + i * 5e-3));
  REQUIRE(rate);
  CHECK(rate->frequency == base::Ppm{});
}

TEST_CASE("-q does not slew what a step that is under way corrects") {
  config::Source source;
  source.max_samples = 1;
  auto s = settings(std::nullopt);
  s.set_once = true;
  Hand hand(s, source);
  const auto decided = hand.give(-1000);
  REQUIRE(find<StepClock>(decided));
  const double rate = find<SetRate>(decided)->frequency.ratio();
  CHECK_FALSE(find<SetRate>(hand.timekeeper.on_clock_changed({hand.now.real, rate, 0s}, hand.now)));
  hand.now.real -= 1000s;
  CHECK_FALSE(find<SetRate>(hand.timekeeper.on_clock_changed({hand.now.real, rate, -1000s}, hand.now)));
}

TEST_CASE("-R leaves makestep out at the start") {
  auto s = settings();
  s.no_start_adjustments = true;
  config::Source source;
  source.max_samples = 1;
  Hand hand(s, source);
  CHECK_FALSE(find<StepClock>(hand.give(30)));
}

TEST_CASE("a step in progress is not commanded twice") {
  config::Source source;
  source.max_samples = 1;
  Hand hand(settings(), source);
  REQUIRE(find<StepClock>(hand.give(30)));
  CHECK(hand.give(30).commands.empty());
}

TEST_CASE("maxchange freezes steering after as many offences as allowed") {
  auto s = settings();
  s.clock.max_change = config::MaxChange{base::Seconds{1}, 0, 1, false};
  config::Source source;
  source.max_samples = 1;
  Hand hand(s, source);
  const auto first = hand.give(30);
  REQUIRE(first.notes.size() == 2);
  CHECK(is_about<note::ChangeRefused>(first.notes[1]));
  CHECK(first.commands.empty());
  CHECK(hand.give(0.001).commands.size() == 2);
  const auto last = hand.give(30);
  CHECK_FALSE(last.give_up);
  CHECK(is_about<note::SteeringFrozen>(last.notes.back()));
  CHECK(find<SetRate>(last)->slew == base::Ppm{});
  const auto frozen = hand.give(0.001);
  CHECK_FALSE(find<SetRate>(frozen));
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 16);
}

TEST_CASE("a frequency is worth saving as soon as it is better known than not at all") {
  Hand hand(settings());
  CHECK_FALSE(hand.give(0).drift_worth_saving);
  bool worth = false;
  for (int i = 0; i < 20; ++i) worth = hand.give(0).drift_worth_saving;
  CHECK(worth);
  CHECK(hand.timekeeper.drift().skew.value <= 100);
}

TEST_CASE("a drift file gives the first frequency: fast as in tracking, so that the clock is slowed") {
  auto s = settings();
  s.drift = DriftFile{{12.5}, {0.1}};
  Timekeeper timekeeper(s);
  const auto decisions = timekeeper.on_tick({base::RealTime{1000s}, base::MonoTime{1s}});
  REQUIRE(decisions.commands.size() == 1);
  CHECK(std::get<SetRate>(decisions.commands[0]).frequency.value == Approx(-12.5));
  CHECK(std::get<SetRate>(decisions.commands[0]).duration == 0ns);
  CHECK(is_about<note::FrequencyRead>(decisions.notes.at(0)));
  CHECK(timekeeper.tracking({base::RealTime{1001s}, base::MonoTime{2s}}).frequency.value == Approx(12.5));
  CHECK(timekeeper.drift().frequency.value == Approx(12.5));
}

TEST_CASE("an unsynchronised daemon serves nothing, or its local clock when told to") {
  const base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{100s}};
  auto s = settings();
  Timekeeper plain(s);
  static_cast<void>(plain.on_tick(now));
  CHECK(plain.server_view(now).stratum == 16);
  CHECK(plain.server_view(now).leap == base::LeapIndicator::unsynchronised);
  CHECK(plain.tracking(now).stratum == 0);
  s.local = config::Local{};
  s.local->stratum = {8};
  Timekeeper local(s);
  static_cast<void>(local.on_tick(now));
  CHECK(local.server_view(now).stratum == 8);
  CHECK(local.server_view(now).reference_id == base::local_reference_id);
  CHECK(local.server_view(now).leap == base::LeapIndicator::none);
  CHECK(local.tracking(now).stratum == 8);
}

TEST_CASE("what we serve is one stratum below our source and grows less certain") {
  Hand hand(settings());
  for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(0));
  const auto view = hand.timekeeper.server_view(hand.now);
  CHECK(view.stratum == 2);
  CHECK(view.reference_id.value == 0xc0000201);
  CHECK(view.root_delay.count() == Approx(0.002));
  CHECK(view.dispersion_rate > 1e-6);
  base::Now later = hand.now;
  later.real += 1000s;
  later.mono += 1000s;
  const auto aged = hand.timekeeper.server_view(later);
  CHECK(aged.root_dispersion.count() ==
        Approx(view.root_dispersion.count() + 1000 * view.dispersion_rate).epsilon(1e-3));
}

TEST_CASE("the time that is served is right at once, while the clock is still being slewed") {
  auto s = settings(std::nullopt);
  Hand hand(s);
  for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(0.5));
  const auto view = hand.timekeeper.server_view(hand.now);
  CHECK(view.served.correction(hand.now.real).count() == Approx(0.5).epsilon(0.01));
  CHECK(hand.timekeeper.correction_at(hand.now.real).count() == Approx(0.5).epsilon(0.01));
  CHECK(view.root_dispersion < base::Seconds{0.1});
  CHECK(hand.timekeeper.tracking(hand.now).root_dispersion > base::Seconds{0.4});
  s.steer = false;
  Hand free(s);
  for (int i = 0; i < 4; ++i) static_cast<void>(free.give(0.5));
  const auto free_view = free.timekeeper.server_view(free.now);
  CHECK(free_view.served.correction(free.now.real).count() == Approx(0.5).epsilon(0.01));
  CHECK(free_view.root_dispersion < base::Seconds{0.1});
}

TEST_CASE(
    "in the midst of a fast slew the time that is served stays right for as long as nothing new is known") {
  for (const double offset : {-500.0, 500.0}) {
    Hand hand(settings(std::nullopt));
    for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(offset));
    const double rate = offset > 0 ? 0.08 : -0.08;
    static_cast<void>(hand.timekeeper.on_clock_changed({.at = hand.now.real, .rate = rate}, hand.now));
    const auto view = hand.timekeeper.server_view(hand.now);
    for (const auto later : {0s, 10s, 60s}) {
      const auto reading = hand.now.real + later;
      CHECK(view.served.correction(reading).count() ==
            Approx(hand.timekeeper.correction_at(reading).count()).margin(1e-6));
    }
  }
}

TEST_CASE("smoothed time goes on by the free-running clock, whatever rate our clock is given") {
  for (const double rate : {-800e-6, 800e-6}) {
    auto s = settings(std::nullopt);
    s.smooth_time = {.max_frequency = {1e4}, .max_wander = {1e-6}};
    Hand hand(s);
    for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(0));
    REQUIRE(hand.timekeeper.activate_smoothing(hand.now));
    static_cast<void>(hand.timekeeper.on_clock_changed({.at = hand.now.real, .rate = rate}, hand.now));
    auto served = hand.timekeeper.server_view(hand.now).served;
    REQUIRE(served.smoothed);
    served.rest = {};
    served.rest_rate = 0;
    served.curve = {.frequency = 1e-3, .stages = {{{.wander = 0, .length = 1e5}}}};
    CHECK(served.offset(hand.now.real + 64s).count() == Approx(64e-3 / (1 + rate)).margin(1e-9));
  }
}

TEST_CASE("with copy we serve our source's stratum and reference as ours") {
  config::Source copied;
  copied.copy = true;
  Hand hand(settings(), copied);
  for (int i = 0; i < 4; ++i) {
    hand.now.real += 2s;
    hand.now.mono += 2s;
    Sample s = sample(hand.now, 0);
    s.stratum = {3};
    s.reference_id = {0x0a000009};
    static_cast<void>(hand.timekeeper.update(base::SourceId{1}, {.reach = 1}, s, hand.now));
  }
  CHECK(hand.timekeeper.server_view(hand.now).stratum == 3);
  CHECK(hand.timekeeper.server_view(hand.now).reference_id.value == 0x0a000009);
  CHECK(hand.timekeeper.tracking(hand.now).stratum == 3);
}

TEST_CASE("the kernel hears of a leap second on the last day of June or December only") {
  const auto status_at = [](std::chrono::seconds start) {
    Hand hand(settings());
    hand.now.real = base::RealTime{start};
    Decisions last;
    for (int i = 0; i < 4; ++i) {
      hand.now.real += 2s;
      hand.now.mono += 2s;
      Sample s = sample(hand.now, 0);
      s.leap = base::LeapIndicator::insert;
      last = hand.timekeeper.update(base::SourceId{1}, {.reach = 1}, s, hand.now);
    }
    return find<ReportStatus>(last)->leap;
  };
  CHECK(status_at(1483142400s) == base::LeapIndicator::insert);  // 2016-12-31
  CHECK(status_at(1483056000s) == base::LeapIndicator::none);    // the day before
  CHECK(status_at(1435622400s) == base::LeapIndicator::insert);  // 2015-06-30
}

TEST_CASE("the makestep command steps what is left of the correction") {
  config::Source source;
  source.max_samples = 1;
  Hand hand(settings(std::nullopt), source);
  static_cast<void>(hand.give(0.25));
  const auto step = find<StepClock>(hand.timekeeper.apply(CorrectNow{}, hand.now).value());
  REQUIRE(step);
  CHECK(base::to_seconds(step->offset).count() == Approx(0.25).margin(1e-6));
}

TEST_CASE("reports count a fast clock positive") {
  Hand hand(settings());
  for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(-0.5));
  const auto statistics = hand.timekeeper.statistics(base::SourceId{1}, hand.now);
  CHECK(statistics.measured_offset.count() == Approx(0.5));
  CHECK(statistics.samples == 4);
  CHECK(hand.timekeeper.tracking(hand.now).system_time.count() == Approx(-0.5).margin(1e-3));
}

TEST_CASE("a source at another address starts afresh") {
  Hand hand(settings());
  for (int i = 0; i < 4; ++i) static_cast<void>(hand.give(0));
  hand.timekeeper.set_address(base::SourceId{1}, address("192.0.2.2"));
  CHECK(hand.timekeeper.statistics(base::SourceId{1}, hand.now).samples == 0);
}

TEST_CASE("the interval asked for is at most an eighth of the time since the start, and long in the end") {
  double later = 0;
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U}) {
    World world({}, {lan()}, settings(), seed);
    for (const double t : {1000.0, 2000.0, 4000.0}) {
      world.run(t, t);
      CHECK(world.timekeeper().poll_advice(base::SourceId{1}).value().best <= std::log2(t / 8));
    }
    world.run(20000, 20000);
    later += world.timekeeper().poll_advice(base::SourceId{1}).value().best / 8;
  }
  CHECK(later > 8.5);
}

}  // namespace gnomon::testing
