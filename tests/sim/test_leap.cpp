// SPDX-License-Identifier: GPL-2.0-or-later
// Whole leap seconds: servers that announce and make them, our clock in each of the four modes.
#include <cmath>

#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::simulation {

using namespace engine;
using namespace std::chrono_literals;
using config::LeapSecondMode;

namespace {

constexpr base::RealTime midnight{1'830'297'600s};  // 2028-01-01
constexpr double leap_at = 20000;

LeapSecond leap_second(int seconds) {
  return {.at = leap_at, .seconds = seconds, .midnight = midnight};
}

TimekeeperSettings settings(LeapSecondMode mode) {
  TimekeeperSettings s;
  s.clock.make_step = config::MakeStep{base::Seconds{1}, 3};
  s.clock.leap_second_mode = mode;
  return s;
}

std::vector<Server> servers(std::size_t count = 3) {
  Server server;
  server.options.iburst = true;
  server.options.max_poll = base::PollExponent{6};
  return std::vector<Server>(count, server);
}

template <class Subject>
int count(const World& world) {
  return static_cast<int>(std::ranges::count_if(world.notes(), is_about<Subject>));
}

double largest(const Result& result, double from, double to) {
  double worst = 0;
  for (double t = from; t <= to; ++t)
    worst =
        std::max(worst, std::fabs(static_cast<double>(result.errors.at(static_cast<std::size_t>(t) - 1))));
  return worst;
}

bool was_armed(const World& world) {
  return std::any_of(world.commands().begin(), world.commands().end(), [](const ClockCommand& c) {
    const auto* status = std::get_if<ReportStatus>(&c);
    return status != nullptr && status->leap != base::LeapIndicator::none &&
           status->leap != base::LeapIndicator::unsynchronised;
  });
}

}  // namespace

TEST_CASE("a leap second made by the kernel leaves no trace in the clock's error") {
  for (const int seconds : {1, -1}) {
    World world({}, servers(), settings(LeapSecondMode::system), 1, leap_second(seconds));
    const auto result = world.run(leap_at + 4000, 5000);
    CHECK(count<note::LeapAnnounced>(world) >= 1);
    CHECK(count<note::LeapMade>(world) == 1);
    CHECK(count<note::LeapMissed>(world) == 0);
    CHECK(count<note::Falseticker>(world) == 0);
    // As good as before, from the first second on.
    CHECK(largest(result, leap_at + 2, leap_at + 4000) < 2 * largest(result, 5000, leap_at - 2));
    CHECK(largest(result, leap_at + 2, leap_at + 4000) < 1e-3);
    CHECK(world.timekeeper().tracking(world.now()).leap == base::LeapIndicator::none);
    CHECK(was_armed(world));
  }
}

TEST_CASE("one of four that is nearest, and steers alone, does not announce a leap second") {
  auto four = servers(4);
  for (auto& honest : four) {
    honest.delay = 20e-3;
    honest.announces_leap = honest.makes_leap = false;
  }
  four[0].delay = 200e-6;
  four[0].announces_leap = true;
  World world({}, four, settings(LeapSecondMode::system), 1, leap_second(1));
  world.run(leap_at - 10, 1000);
  CHECK(world.timekeeper().verdicts()[0].state == SourceState::selected);
  CHECK(world.timekeeper().verdicts()[1].reason == Reason::distant);
  CHECK_FALSE(was_armed(world));
  world.run(leap_at + 100, 1000);
  CHECK(std::fabs(world.clock().error()) < 0.01);
}

TEST_CASE("three of four that are too far away to steer announce a leap second") {
  auto four = servers(4);
  for (auto& far : four) far.delay = 20e-3;
  four[0].delay = 200e-6;
  four[0].announces_leap = false;
  World world({}, four, settings(LeapSecondMode::system), 1, leap_second(1));
  world.run(leap_at - 10, 1000);
  CHECK(was_armed(world));
}

TEST_CASE("a leap second that we step is made within milliseconds") {
  for (const int seconds : {1, -1}) {
    World world({}, servers(), settings(LeapSecondMode::step), 2, leap_second(seconds));
    const auto result = world.run(leap_at + 4000, 5000);
    CHECK(count<note::LeapMade>(world) == 1);
    CHECK(count<note::ClockStepped>(world) == 0);
    CHECK(largest(result, leap_at + 2, leap_at + 4000) < 2 * largest(result, 5000, leap_at - 2));
    CHECK_FALSE(was_armed(world));
  }
}

TEST_CASE("a leap second that is slewed is over after twelve seconds, whatever makestep and maxchange say") {
  for (const int seconds : {1, -1}) {
    auto s = settings(LeapSecondMode::slew);
    s.clock.make_step = config::MakeStep{base::Seconds{0.01}, -1};
    s.clock.max_change = config::MaxChange{base::Seconds{0.1}, 10, 0};
    s.clock.drift_file_interval = base::Seconds{};
    World world({.offset = 1e-3}, servers(), s, 3, leap_second(seconds));
    const auto result = world.run(leap_at + 4000, 5000);
    CHECK(std::none_of(world.commands().begin(), world.commands().end(),
                       [](const ClockCommand& c) { return std::holds_alternative<StepClock>(c); }));
    CHECK(count<note::ChangeRefused>(world) == 0);
    CHECK(largest(result, leap_at + 1, leap_at + 1) > 0.8);
    CHECK(largest(result, leap_at + 14, leap_at + 4000) < 2 * largest(result, 5000, leap_at - 2) + 2e-4);
    CHECK_FALSE(was_armed(world));
  }
}

TEST_CASE("a slow slew of a leap second goes on over clock updates") {
  auto s = settings(LeapSecondMode::slew);
  s.clock.max_slew_rate = base::Ppm{1000};
  s.clock.make_step = config::MakeStep{base::Seconds{0.01}, -1};
  World world({.offset = 1e-3}, servers(), s, 4, leap_second(1));
  const auto result = world.run(leap_at + 4000, 5000);
  CHECK(largest(result, leap_at + 500, leap_at + 500) == Approx(0.5).margin(0.05));
  CHECK(largest(result, leap_at + 1300, leap_at + 4000) < 1e-3);
}

TEST_CASE("an ignored leap second is an error like any other, found by measuring") {
  World world({}, servers(), settings(LeapSecondMode::ignore), 5, leap_second(1));
  const auto result = world.run(leap_at + 4000, 5000);
  CHECK_FALSE(was_armed(world));
  CHECK(largest(result, leap_at + 5, leap_at + 5) == Approx(1).margin(0.01));
  CHECK(largest(result, leap_at + 200, leap_at + 4000) < 1e-3);
}

TEST_CASE("an ignored leap second that the sources do not make either is none") {
  for (const int seconds : {1, -1}) {
    auto all = servers();
    for (auto& server : all) server.makes_leap = false;
    auto s = settings(LeapSecondMode::ignore);
    s.clock.max_change = config::MaxChange{base::Seconds{1e-2}, 10, 0};
    World world({}, all, s, 5, leap_second(seconds));
    const auto result = world.run(leap_at + 4000, 5000);
    CHECK(count<note::LeapMade>(world) == 1);
    CHECK(count<note::ChangeRefused>(world) == 0);
    // UTC has leapt here, the servers and we have not.
    for (const double t : {5.0, 60.0, 120.0, 300.0, 4000.0}) {
      const float error = result.errors.at(static_cast<std::size_t>(leap_at + t) - 1);
      CHECK(static_cast<double>(error) == Approx(seconds).margin(1e-3));
    }
  }
}

TEST_CASE("a kernel that was told and did not do it is noticed, and the second corrected") {
  auto leap = leap_second(1);
  leap.kernel_makes_it = false;
  World world({}, servers(), settings(LeapSecondMode::system), 6, leap);
  const auto result = world.run(leap_at + 4000, 5000);
  CHECK(count<note::LeapMissed>(world) == 1);
  CHECK(largest(result, leap_at + 200, leap_at + 4000) < 1e-3);
}

TEST_CASE("a leap second that nobody announced is corrected by measurements") {
  auto all = servers();
  for (auto& server : all) server.announces_leap = false;
  World world({}, all, settings(LeapSecondMode::system), 7, leap_second(1));
  const auto result = world.run(leap_at + 6000, 5000);
  CHECK(count<note::LeapAnnounced>(world) == 0);
  CHECK_FALSE(was_armed(world));
  CHECK(largest(result, leap_at + 3000, leap_at + 6000) < 2e-3);
}

TEST_CASE("the list knows of a leap second that no source announces") {
  auto all = servers();
  for (auto& server : all) server.announces_leap = false;
  World world({}, all, settings(LeapSecondMode::system), 8, leap_second(1));
  LeapTable table;
  REQUIRE(table.append({base::RealTime{1'483'228'800s}, 37}));
  REQUIRE(table.append({midnight, 38}));
  world.timekeeper().set_leap_table(table);
  const auto result = world.run(leap_at + 4000, 5000);
  CHECK(count<note::LeapMade>(world) == 1);
  CHECK(largest(result, leap_at + 2, leap_at + 4000) < 1e-3);
  const auto* last = std::get_if<ReportStatus>(&world.commands().back());
  REQUIRE(last != nullptr);
  CHECK(last->tai_offset == 38);
}

TEST_CASE("one server of four that makes no leap second is outvoted") {
  auto all = servers(4);
  all[3].announces_leap = all[3].makes_leap = false;
  World world({}, all, settings(LeapSecondMode::system), 9, leap_second(1));
  const auto result = world.run(leap_at + 4000, 5000);
  CHECK(largest(result, leap_at + 2, leap_at + 4000) < 1e-3);
  CHECK(count<note::Falseticker>(world) >= 1);
}

TEST_CASE("one server of four that alone announces a leap second is not followed") {
  auto all = servers(4);
  for (auto& server : all) server.announces_leap = server.makes_leap = false;
  all[0].announces_leap = true;
  World world({}, all, settings(LeapSecondMode::system), 10, leap_second(1));
  const auto result = world.run(leap_at + 4000, 5000);
  CHECK_FALSE(was_armed(world));
  // UTC has leapt here, the servers and we have not.
  CHECK(world.error() == Approx(1).margin(1e-3));
  CHECK(count<note::LeapAnnounced>(world) == 0);
}

TEST_CASE("with -x a leap second made by somebody else is taken for what it is") {
  auto s = settings(LeapSecondMode::system);
  s.steer = false;
  World world({.frequency = 0, .offset = 0, .wander = 0}, servers(), s, 11, leap_second(1));
  // Whoever has the clock.
  world.arm_kernel();
  world.run(leap_at + 2000, 5000);
  CHECK(std::fabs(world.error()) < 1e-6);
  CHECK(count<note::LeapMade>(world) == 1);
  CHECK(std::fabs(world.timekeeper().tracking(world.now()).system_time.count()) < 1e-3);
}

TEST_CASE("clients are served a leap second little by little, and are not told of it") {
  auto s = settings(LeapSecondMode::slew);
  s.clock.max_slew_rate = base::Ppm{1000};
  s.smooth_time = config::SmoothTime{{400}, {0.01}, true};
  World world({.offset = 1e-3}, servers(), s, 12, leap_second(1));
  const auto served_error = [&world] {  // against UTC
    const auto view = world.timekeeper().server_view(world.now());
    CHECK(view.leap == base::LeapIndicator::none);
    const auto system = world.now().real;
    return base::to_seconds(system - world.utc()).count() + view.served.offset(system).count();
  };
  world.run(leap_at - 1, 5000);
  CHECK(std::fabs(served_error()) < 1e-3);
  double before = served_error();
  world.run(leap_at, 5000);
  // UTC has gone back by a second, served time has not.
  CHECK(served_error() == Approx(before + 1).margin(1e-3));
  before = served_error();
  for (double t = leap_at + 60; t <= leap_at + 20100; t += 60) {
    world.run(t, 5000);
    const double now = served_error();
    CHECK(std::fabs(now - before) < 60 * 110e-6 + 1e-3);  // sqrt(1 s * 0.01 ppm/s) = 100 ppm at most
    before = now;
  }
  CHECK(std::fabs(served_error()) < 1e-3);
  CHECK(world.timekeeper().smoothing(world.now()).remaining.count() == 0);
}

}  // namespace gnomon::simulation
