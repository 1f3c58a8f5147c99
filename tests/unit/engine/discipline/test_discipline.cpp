// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/discipline.hpp"

#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

using Consequence = note::ChangeRefused::Consequence;

constexpr base::RealTime start{1'800'000'000s};

// A discipline on a clock that runs by itself and carries nothing out.
struct Bench {
  explicit Bench(Discipline::Settings settings = {}) : discipline(std::move(settings)) {}

  // The estimate says that the clock is behind by `offset`.
  bool update(double offset, base::Duration after = 16s, double error = 1e-5) {
    now = now + after;
    decisions = {};
    return discipline.update({.at = now,
                              .theta = timescale.ahead(now) + base::to_duration(base::Seconds{offset}),
                              .frequency = 0,
                              .skew = 1e-7,
                              .has_frequency = true,
                              .error = base::Seconds{error}},
                             timescale, decisions);
  }
  template <class Command>
  bool apply(const Command& command) {
    decisions = {};
    return discipline.apply(command, now, timescale, decisions).has_value();
  }
  [[nodiscard]] std::optional<SetRate> slew() const { return find<SetRate>(decisions); }
  [[nodiscard]] std::optional<StepClock> step() const { return find<StepClock>(decisions); }
  template <class Subject>
  [[nodiscard]] bool noted() const {
    return std::ranges::any_of(decisions.notes, is_about<Subject>);
  }
  // The only note.
  [[nodiscard]] note::ChangeRefused refused() const {
    REQUIRE(decisions.notes.size() == 1);
    return std::get<note::ChangeRefused>(decisions.notes.front().subject);
  }

  Discipline discipline;
  Timescale timescale{start};
  LocalTime now;
  Decisions decisions;
};

double corrected_by(const SetRate& rate) {
  return rate.slew.ratio() * base::to_seconds(rate.duration).count();
}

}  // namespace

TEST_CASE("an offset is slewed away exactly, no faster than maxslewrate") {
  Bench bench({.clock = {.max_slew_rate = base::Ppm{500}}});
  REQUIRE(bench.update(0.1));
  REQUIRE(bench.slew());
  CHECK(corrected_by(*bench.slew()) == Approx(0.1));
  CHECK(bench.slew()->slew.value == Approx(500));
  CHECK_FALSE(bench.step());
  CHECK(bench.discipline.remaining(bench.now, bench.timescale).count() == Approx(0.1));
}

TEST_CASE("a less certain offset is corrected more slowly") {
  const auto slope = [](double error) {
    Bench bench;
    static_cast<void>(bench.update(0, 16s));
    static_cast<void>(bench.update(1e-3, 16s, error));
    return bench.slew()->slew.value;
  };
  CHECK(slope(1e-5) > slope(1e-2) * 2);
}

TEST_CASE(
    "what was wrong since the last update is corrected without haste, but within the time between updates") {
  Bench bench;
  REQUIRE(bench.update(0));
  REQUIRE(bench.update(200e-6, 1024s, 1e-6));
  CHECK(base::to_seconds(bench.slew()->duration).count() == Approx(50).epsilon(0.01));
  CHECK(corrected_by(*bench.slew()) == Approx(200e-6).epsilon(0.01));
  REQUIRE(bench.update(200e-6, 4s, 1e-6));
  CHECK(base::to_seconds(bench.slew()->duration).count() == Approx(4).epsilon(0.01));
  // Milliseconds are not waited for.
  REQUIRE(bench.update(5e-3, 1024s, 1e-6));
  CHECK(base::to_seconds(bench.slew()->duration).count() < 10);
}

TEST_CASE("who wants corrections to take 30 times longer gets none that is over in a second") {
  config::ClockSettings clock;
  clock.corr_time_ratio = 90;
  Bench bench({.clock = clock});
  REQUIRE(bench.update(0));
  REQUIRE(bench.update(50e-3, 64s, 1e-6));
  CHECK(base::to_seconds(bench.slew()->duration).count() == Approx(30));
  REQUIRE(bench.update(50e-3, 4s, 1e-6));
  CHECK(base::to_seconds(bench.slew()->duration).count() == Approx(4));
}

TEST_CASE("initstepslew steps from its threshold on, and leaves the frequency as it was") {
  Bench bench(
      {.clock = {.make_step = config::MakeStep{base::Seconds{1}, 1}}, .initial_step = base::Seconds{5}});
  REQUIRE(bench.discipline.awaits_initial());
  REQUIRE(bench.update(5));
  REQUIRE(bench.step());
  CHECK(bench.step()->offset == 5s);
  CHECK_FALSE(bench.discipline.awaits_initial());
  CHECK(bench.discipline.updates() == 0);
  CHECK(bench.discipline.skew() == Approx(2e-3));
  bench.discipline.stepped();
  bench.timescale.change(start + 21s, 0, 5s);
  // makestep counts from now on.
  REQUIRE(bench.update(2));
  CHECK(bench.step());
}

TEST_CASE("initstepslew slews what is less, as fast as it may") {
  Bench bench({.clock = {.max_slew_rate = base::Ppm{1000}}, .initial_step = base::Seconds{5}});
  REQUIRE(bench.update(-2));
  CHECK_FALSE(bench.step());
  REQUIRE(bench.slew());
  CHECK(corrected_by(*bench.slew()) == Approx(-2));
  CHECK(std::fabs(bench.slew()->slew.value) == Approx(1000));
  CHECK_FALSE(bench.discipline.awaits_initial());
}

TEST_CASE("initstepslew without a correction is over when the core says so") {
  Bench bench({.initial_step = base::Seconds{5}});
  bench.discipline.end_initial();
  REQUIRE(bench.update(10));
  CHECK_FALSE(bench.step());
  CHECK(bench.discipline.updates() == 1);
}

TEST_CASE("makestep steps what is larger, as often as it may, and nothing comes in between") {
  Bench bench({.clock = {.make_step = config::MakeStep{base::Seconds{1}, 2}}});
  CHECK(bench.update(1.5));
  REQUIRE(bench.step());
  CHECK(bench.step()->offset == 1500ms);
  CHECK_FALSE(bench.update(1.5, 5s));  // the step is still under way
  bench.discipline.stepped();
  CHECK(bench.update(1.5, 1s));
  CHECK(bench.step());
  bench.discipline.stepped();
  CHECK(bench.update(1.5));
  CHECK_FALSE(bench.step());
  CHECK(bench.slew()->slew.value > 0);
}

TEST_CASE("maxchange refuses, and freezes when that has come too often") {
  Bench bench({.clock = {.max_change = config::MaxChange{base::Seconds{1}, 1, 1, false}}});
  CHECK(bench.update(5));  // the first one counts for the start
  CHECK_FALSE(bench.update(5));
  CHECK(bench.refused().consequence == Consequence::ignored);
  CHECK(bench.refused().limit == base::Seconds{1});
  CHECK_FALSE(bench.discipline.frozen());
  CHECK_FALSE(bench.update(5));
  CHECK(bench.refused().consequence == Consequence::steering_stops);
  CHECK(bench.discipline.frozen());
  CHECK_FALSE(bench.update(0));
  CHECK(bench.apply(CorrectNow{}));
  CHECK(bench.noted<note::SteeringResumed>());
  CHECK(bench.update(0));
}

TEST_CASE("who exits when maxchange is exceeded too often says so") {
  Bench asked({.clock = {.max_change = config::MaxChange{base::Seconds{1}, 0, 0, true}}});
  CHECK_FALSE(asked.update(5));
  CHECK(asked.refused().consequence == Consequence::exiting);
  Bench once({.clock = {.max_change = config::MaxChange{base::Seconds{1}, 0, 0, false}}, .set_once = true});
  CHECK_FALSE(once.update(5));
  CHECK(once.refused().consequence == Consequence::exiting);
}

TEST_CASE("a step that makestep asks for and -x forbids is told each time") {
  Bench bench({.clock = {.make_step = config::MakeStep{base::Seconds{0.01}, -1}}, .steer = false});
  for (int i = 0; i < 3; ++i) {
    CHECK(bench.update(-5));
    CHECK(bench.noted<note::StepForbidden>());
    CHECK(bench.decisions.commands.empty());
  }
  CHECK(bench.update(0.001));
  CHECK_FALSE(bench.noted<note::StepForbidden>());
  Bench once(
      {.clock = {.make_step = config::MakeStep{base::Seconds{0.01}, -1}}, .steer = false, .set_once = true});
  CHECK(once.update(-5));
  CHECK_FALSE(once.noted<note::StepForbidden>());
}

TEST_CASE("what is no number changes nothing") {
  Bench bench;
  CHECK_FALSE(bench.update(0, 16s, std::numeric_limits<double>::quiet_NaN()));
  CHECK(bench.discipline.updates() == 0);
  CHECK(bench.decisions.commands.empty());
}

TEST_CASE("without steering everything is kept in mind and nothing commanded") {
  Bench bench({.steer = false});
  CHECK(bench.update(0.1));
  CHECK(bench.decisions.commands.empty());
  CHECK(bench.discipline.updates() == 1);
  CHECK_FALSE(bench.apply(CorrectNow{}));
}

TEST_CASE("before the first update what the clock shows is true") {
  Bench bench;
  bench.timescale.change(start + 10s, 0, 3s);
  CHECK_FALSE(bench.discipline.theta_at(LocalTime{20s}));
  CHECK(bench.discipline.reference_theta(LocalTime{20s}, bench.timescale) == 3s);
  CHECK(bench.discipline.remaining(LocalTime{20s}, bench.timescale).count() == 0);
  CHECK(bench.update(0.5, 30s));
  CHECK(bench.discipline.reference_theta(bench.now, bench.timescale) == 3500ms);
}

TEST_CASE(
    "a correction is counted against what was expected, the mean begins once they grow and does so slowly") {
  Bench bench;
  static_cast<void>(bench.update(1e-3));
  CHECK(bench.discipline.last_correction().count() == Approx(1e-3));
  // The clock has not moved: the same offset is no news.
  static_cast<void>(bench.update(1e-3));
  CHECK(bench.discipline.last_correction().count() == Approx(0).margin(1e-9));
  CHECK(bench.discipline.rms_correction().count() == Approx(0).margin(1e-9));
  static_cast<void>(bench.update(2e-3));
  CHECK(bench.discipline.rms_correction().count() == Approx(1e-3 * std::sqrt(0.1)));
  static_cast<void>(bench.update(2e-3));
  CHECK(bench.discipline.rms_correction().count() == Approx(1e-3 * std::sqrt(0.1 * 0.9)));
  CHECK(bench.discipline.update_interval() == 16s);
}

TEST_CASE("steps that an operator allows are counted from then on") {
  Bench bench;
  for (int i = 0; i < 3; ++i) static_cast<void>(bench.update(5));
  CHECK_FALSE(bench.step());
  CHECK(bench.apply(AllowSteps{{base::Seconds{1}, 1}}));
  CHECK(bench.update(5));
  CHECK(bench.step());
  bench.discipline.stepped();
  CHECK(bench.update(5));
  CHECK_FALSE(bench.step());
}

TEST_CASE("an operator's frequency and offset take effect at once, and maxdrift holds for them too") {
  Bench bench({.clock = {.max_drift = base::Ppm{50}}});
  static_cast<void>(bench.update(0));
  CHECK(bench.apply(AddFrequency{{20}}));
  CHECK(bench.slew()->frequency.value == Approx(-20));
  CHECK(bench.apply(AddFrequency{{100}}));
  CHECK(bench.slew()->frequency.value == Approx(-50));
  CHECK(bench.apply(AddOffset{base::Seconds{0.01}}));
  CHECK(corrected_by(*bench.slew()) == Approx(-0.01).margin(1e-6));
}

TEST_CASE("a frequency less certain than maxupdateskew is not taken") {
  Bench bench({.initial_frequency = 5e-6});
  CHECK(bench.apply(LimitUpdateSkew{{0.01}}));
  CHECK(bench.update(0));
  CHECK(bench.discipline.frequency() == 5e-6);
  CHECK(bench.discipline.residual_frequency() == Approx(-5e-6));
  CHECK(bench.apply(LimitUpdateSkew{{10}}));
  CHECK(bench.update(0));
  CHECK(bench.discipline.frequency() == 0);
}

TEST_CASE("time asleep has passed: what was still to be corrected is left as it was") {
  Bench bench;
  static_cast<void>(bench.update(0.25));
  bench.timescale.change(bench.timescale.system(bench.now) + 8h, 0, 8h);
  bench.discipline.slept(8h);
  CHECK(bench.discipline.remaining(bench.now, bench.timescale).count() == Approx(0.25));
}

TEST_CASE("a leap second that is slewed is neither stepped nor refused") {
  Bench bench({.clock = {.make_step = config::MakeStep{base::Seconds{0.1}, -1},
                         .max_change = config::MaxChange{base::Seconds{0.5}, 0, 0, false}}});
  static_cast<void>(bench.update(0));
  bench.timescale.leap(bench.timescale.system(bench.now) + 1s, 1, 0s);
  bench.now = bench.now + 2s;
  bench.decisions = {};
  bench.discipline.slew_leap(bench.now, bench.timescale, bench.decisions);
  CHECK(corrected_by(*bench.slew()) == Approx(-1));
  CHECK(bench.update(-1, 2s));
  CHECK_FALSE(bench.step());
}

}  // namespace gnomon::testing
