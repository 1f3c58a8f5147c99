// SPDX-License-Identifier: GPL-2.0-or-later
// How far the clock may be turned: what a captured core reaches, and what an honest one needs.
#include <cmath>
#include <functional>
#include <random>

#include "helpers/clock/turned.hpp"
#include "tests/unit/clock/watched_clock.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using ipc::ClockRefusal;
using testing::WatchedClock;

namespace {

constexpr ipc::Rate ppm(std::int64_t value) {
  return {value * 1'000'000};
}

// As `makestep 0 N` and the rest by default.
ipc::ClockBudget with_steps(std::int32_t limit) {
  ipc::ClockBudget budget;
  budget.step_limit = limit;
  return budget;
}

using Attack = std::function<void(WatchedClock&, std::mt19937_64&)>;

// Two days in the hands of an attacker, who may do something every 20 s.
void attack(WatchedClock& clock, const Attack& next, base::Duration for_so_long = 48h) {
  std::mt19937_64 random(1);
  for (base::Duration passed{}; passed < for_so_long; passed += 20s) {
    next(clock, random);
    clock.pass(20s, 20ms);
  }
  INFO(clock.most_an_hour << " s an hour, " << clock.most_a_day << " s a day");
  CHECK(clock.most_an_hour <= 1);
  CHECK(clock.most_a_day <= 2);
  CHECK(clock.most_a_day > 0.8);  // it is not that nothing was tried
}

void at_random(WatchedClock& clock, std::mt19937_64& random) {
  const auto within = [&](std::int64_t limit) {
    return std::uniform_int_distribution<std::int64_t>{-limit, limit}(random);
  };
  const std::int64_t scale = std::int64_t{1} << (random() % 31);
  switch (random() % 4) {
    case 0:
      static_cast<void>(clock.ask(ipc::Step{base::Duration{within(scale)}}));
      break;
    case 1:
      static_cast<void>(clock.ask(ipc::Adjust{{within(scale * 90)}, {}, 0s}));
      break;
    case 2:
      static_cast<void>(clock.ask(ipc::SetStatus{base::LeapIndicator::none, true, 0s, 0s, 37}));
      break;
    default:
      static_cast<void>(clock.ask(
          ipc::Adjust{{within(scale)}, {within(83'333'000'000)}, std::chrono::seconds{random() % 100'001}}));
  }
}

}  // namespace

TEST_CASE("a captured core turns the clock by a second an hour and two a day at most") {
  WatchedClock clock(with_steps(1000));
  clock.correct();
  SECTION("by the fastest slew") {
    attack(clock, [](auto& c, auto&) { static_cast<void>(c.ask(ipc::Adjust{{}, ppm(83333), 100'000s})); });
  }
  SECTION("by a frequency that lasts") {
    const auto faster = GENERATE(ppm(100'000), ppm(300), ppm(-300), ppm(-30));
    clock.pass(20min);
    attack(clock, [&](auto& c, auto&) { static_cast<void>(c.ask(ipc::Adjust{faster, {}, 0s})); });
  }
  SECTION("by steps") {
    const auto step = GENERATE(850ms, 100ms, -2ms);
    attack(clock, [&](auto& c, auto&) { static_cast<void>(c.ask(ipc::Step{step})); });
  }
  SECTION("by steps and slews to and fro") {
    attack(clock, [up = false](auto& c, auto&) mutable {
      up = !up;
      static_cast<void>(c.ask(ipc::Step{up ? 800ms : -700ms}));
      static_cast<void>(c.ask(ipc::Adjust{up ? ppm(400) : ppm(-100), up ? ppm(50'000) : ppm(-20'000), 20s}));
    });
  }
  SECTION("by chance") {
    attack(clock, at_random);
  }
  SECTION("by crashes of the core and of the helper in between") {
    attack(clock, [](auto& c, auto& random) {
      static_cast<void>(c.ask(ipc::Step{300ms}));
      static_cast<void>(c.ask(ipc::Adjust{ppm(1000), ppm(random() % 2 == 0 ? 20'000 : 0), 30s}));
      if (random() % 8 == 0) c.restart(100ms, random() % 2 == 0);
    });
  }
}

TEST_CASE("a captured core that ends the daemon does not leave a clock behind that turns") {
  WatchedClock clock(with_steps(3));
  clock.correct();
  SECTION("when it is not started again") {
    const auto faster = GENERATE(ppm(100'000), ppm(-100'000), ppm(-200));
    CHECK_FALSE(clock.ask(ipc::Adjust{faster, {}, 0s}));
    clock.restart(23h);
    clock.pass(1s);
    CHECK(clock.most_a_day > 0.8);
  }
  SECTION("when it is, each time after the longest pause") {
    attack(clock, [](auto& c, auto&) {
      static_cast<void>(c.ask(ipc::Adjust{ppm(100'000), {}, 0s}));
      c.restart(60s);
    });
  }
  SECTION("an honest one leaves its frequency") {
    CHECK_FALSE(clock.ask(ipc::Adjust{ppm(5), {}, 0s}));
    clock.restart(23h);
    CHECK(clock.kernel.ppm() == Approx(5).margin(0.01));
  }
  CHECK(clock.most_an_hour <= 1);
  CHECK(clock.most_a_day <= 2);
}

TEST_CASE("the first correction ends, whatever the core does, and a restart is not another one") {
  WatchedClock clock(with_steps(3));
  REQUIRE_FALSE(clock.ask(ipc::Step{1000s}));
  for (int i = 0; i < 25; ++i) {
    CHECK_FALSE(clock.ask(ipc::Adjust{{}, ppm(50'000), 10s}));
    clock.pass(10min);
    if (i % 5 == 0) clock.restart();
  }
  clock.forget();
  attack(clock, [](auto& c, auto&) { static_cast<void>(c.ask(ipc::Adjust{{}, ppm(83'333), 1000s})); }, 24h);
}

TEST_CASE("a captured core that corrects nothing, or next to nothing, is counted all the same") {
  WatchedClock clock(with_steps(3));
  SECTION("by a frequency alone") {
    CHECK_FALSE(clock.ask(ipc::Adjust{ppm(1000), {}, 0s}));
  }
  SECTION("beside a slew of nothing") {
    CHECK_FALSE(clock.ask(ipc::Adjust{ppm(1000), {1000}, 1s}));
  }
  clock.pass(61min);
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(-1000), {}, 0s}));
  clock.pass(48h);
  CHECK(clock.kernel.ppm() == Approx(1000).margin(1));
}

TEST_CASE("who was started long ago and has corrected nothing is led nowhere") {
  WatchedClock clock(with_steps(3));
  if (GENERATE(true, false)) CHECK_FALSE(clock.ask(ipc::Adjust{ppm(20), {}, 0s}));
  clock.pass(100h);
  const auto slew = GENERATE(ipc::Rate{}, ipc::Rate{1000});
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(100'000), slew, 1s}));
  SECTION("nor by ending the daemon") {
    clock.restart(1h);
    CHECK(std::fabs(clock.kernel.ppm()) < 521);
  }
  clock.pass(5h);
  clock.forget();
  clock.pass(48h);
  CHECK(std::fabs(clock.kernel.ppm()) < 521);
  CHECK(clock.most_a_day < 521e-6 * 86400 + 2);
}

TEST_CASE(
    "a frequency from the drift file is counted, and a source that is found days later still corrects") {
  WatchedClock clock(with_steps(3));
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(80), {}, 0s}));
  clock.pass(72h);
  CHECK(clock.kernel.ppm() == Approx(80).margin(0.01));
  CHECK_FALSE(clock.ask(ipc::Step{-1000s}));
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(75), ppm(50'000), 100s}));
  clock.pass(61min);
  CHECK(clock.ask(ipc::Step{-1000s}) == ClockRefusal::over_budget);
  clock.pass(48h);
  CHECK(clock.kernel.ppm() == Approx(75).margin(0.01));
  CHECK_FALSE(clock.says("as far as it may be"));
}

TEST_CASE("makestep does not apply again after a crash") {
  WatchedClock clock(with_steps(3));
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(clock.ask(ipc::Step{5s}));
    clock.restart();
  }
  CHECK(clock.ask(ipc::Step{5s}) == ClockRefusal::step_not_allowed);
  CHECK(clock.says("ended without being told to"));
  clock.memory = {};  // by an order
  clock.restart();
  CHECK_FALSE(clock.ask(ipc::Step{5s}));
}

TEST_CASE("a clock that was turned as far as it may be goes on as it needs, and further an hour later") {
  WatchedClock clock(with_steps(3));
  clock.correct(-50e-6);
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(-50), ppm(83'333), 60s}));  // 5 s
  clock.pass(60s);
  CHECK(clock.kernel.ppm() == Approx(-50).margin(0.1));
  CHECK(clock.kernel.turned() - (-50e-6 * clock.kernel.true_time()) ==
        Approx(clock::most_an_hour).margin(0.01));
  CHECK(clock.says("The clock has been turned as far as it may be, 0.900 s within an hour"));
  CHECK(clock.ask(ipc::Adjust{ppm(-50), ppm(1000), 60s}) == ClockRefusal::over_budget);
  CHECK(clock.ask(ipc::Step{1s}) == ClockRefusal::over_budget);
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(-50), ppm(-1000), 60s}));  // back is allowed
  CHECK_FALSE(clock.ask(ipc::Step{-300ms}));
  clock.pass(66min);
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(-50), ppm(1000), 60s}));
}

TEST_CASE("a clock far off is no reason to count what it needs") {
  WatchedClock clock(with_steps(3));
  const double needed = GENERATE(-0.05, 0.09, -3e-6);
  clock.correct(needed);
  for (int hour = 0; hour < 48; ++hour) {
    const double wander = 2e-6 * std::sin(hour);
    CHECK_FALSE(clock.ask(ipc::Adjust{ipc::rate_of_ratio(needed + wander), ppm(10), 100s}));
    clock.pass(1h);
  }
  CHECK_FALSE(clock.says("as far as it may be"));
  clock.restart(3s);
  CHECK(clock.kernel.ppm() == Approx(needed * 1e6).margin(10));
}

TEST_CASE("what a clock needs is bounded by maxdrift, whatever the kernel was left at") {
  auto limits = with_steps(3);
  limits.max_drift_ppm = 100;
  WatchedClock clock(limits);
  const double left_at = GENERATE(300e-6, 80e-6, -100e-6);
  REQUIRE(base::set_clock_rate(clock.kernel,
                               base::to_kernel_rate(left_at, base::read_clock(clock.kernel)->rate.tick)));
  clock.memory = {};
  clock.restart(0s, false);
  const auto needed = GENERATE(ppm(-50), ppm(100), ppm(-100));
  CHECK_FALSE(clock.ask(ipc::Adjust{needed, ppm(1000), 10s}));
  clock.pass(61min);
  clock.forget();
  clock.pass(72h);
  CHECK(clock.kernel.ppm() == Approx(needed.ratio() * 1e6).margin(0.1));
  CHECK_FALSE(clock.says("as far as it may be"));
}

TEST_CASE("what others do to the clock may be undone, again and again, and nothing else") {
  WatchedClock clock(with_steps(100));
  clock.correct();
  for (int i = 0; i < 20; ++i) {
    clock.kernel.set_by_others(-1h);
    clock.pass(1s);
    CHECK(clock.ask(ipc::Step{-2s}) == ClockRefusal::over_budget);
    CHECK_FALSE(clock.ask(ipc::Step{1h}));
    CHECK(clock.ask(ipc::Step{2s}) == ClockRefusal::over_budget);
  }
  clock.kernel.set_by_others(-10s);
  CHECK_FALSE(clock.ask(ipc::Adjust{{}, ppm(83'000), 121s}));
  clock.pass(10min);
  CHECK_FALSE(clock.says("as far as it may be"));
}

TEST_CASE("after sleep a step of what a real-time clock cannot know is allowed, once") {
  WatchedClock clock(with_steps(100));
  clock.correct();
  clock.kernel.sleep(10h);
  CHECK_FALSE(clock.ask(ipc::Step{-1500ms}));
  CHECK(clock.ask(ipc::Step{-60s}) == ClockRefusal::over_budget);
  clock.pass(2h);
  CHECK(clock.ask(ipc::Step{-1500ms}) == ClockRefusal::over_budget);
  clock.kernel.sleep(240h);
  CHECK_FALSE(clock.ask(ipc::Step{60s}));
}

TEST_CASE("where steps are allowed at any time nothing is counted") {
  WatchedClock clock(with_steps(-1));
  clock.correct();
  for (int i = 0; i < 10; ++i) CHECK_FALSE(clock.ask(ipc::Step{600s}));
  CHECK_FALSE(clock.ask(ipc::Adjust{ppm(1000), {}, 0s}));
  clock.pass(24h);
  CHECK(clock.kernel.ppm() == Approx(1000));
}

TEST_CASE("a leap second is no turning of the clock") {
  auto limits = with_steps(0);
  limits.leap_maker = GENERATE(ipc::LeapMaker::step, ipc::LeapMaker::slew);
  WatchedClock clock(limits);
  clock.correct();
  clock.kernel.set_time(base::RealTime{1'830'297'600s});  // 2028-01-01
  clock.pass(100ms);
  if (limits.leap_maker == ipc::LeapMaker::step)
    CHECK_FALSE(clock.ask(ipc::Step{-1s}));
  else
    CHECK_FALSE(clock.ask(ipc::Adjust{{}, ppm(-50'000), 20s}));
  clock.pass(10min);
  CHECK(clock.kernel.turned() < -0.99);
  CHECK_FALSE(clock.says("as far as it may be"));
  CHECK(clock.ask(ipc::Step{-1s}) == ClockRefusal::step_not_allowed);
}

TEST_CASE(
    "the kernel's leap second, however late it is seen, is nobody's, and what others did beside it is "
    "theirs") {
  WatchedClock clock(with_steps(1000));
  clock.kernel.set_time(base::RealTime{1'798'747'200s});  // 2026-12-31 20:00
  clock.memory = {};
  clock.restart(0s, false);
  clock.correct();
  clock.kernel.run(base::RealTime{1'798'761'600s} - clock.kernel.now().real);
  const auto others = GENERATE(0s, -10s, 10s);
  clock.kernel.set_by_others(-1s + others);
  clock.kernel.run(GENERATE(10min, 70min, 15h));
  clock.forget();
  const auto further = others > 0s ? -1'800ms : 1'800ms;
  CHECK(clock.ask(ipc::Step{-others + further}) == ClockRefusal::over_budget);
  if (others == 0s) CHECK(clock.ask(ipc::Step{-further}) == ClockRefusal::over_budget);
  // Of what went the other way a second may have been more.
  CHECK_FALSE(clock.ask(ipc::Step{-std::min<base::Duration>(others, 8s) + further / 3}));
}

TEST_CASE("memory of another layout is none") {
  WatchedClock clock(with_steps(1));
  CHECK_FALSE(clock.ask(ipc::Step{5s}));
  clock.memory.mark += 1;
  clock.restart();
  CHECK_FALSE(clock.ask(ipc::Step{5s}));
  CHECK_FALSE(clock.says("ended without being told to"));
}
