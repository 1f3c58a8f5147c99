// SPDX-License-Identifier: GPL-2.0-or-later
// Whom the first correction follows: never whoever was quickest.
#include <algorithm>
#include <cmath>

#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using simulation::Server;
using simulation::World;

namespace {

constexpr double weeks_1024 = 1024.0 * 7 * 86400;  // s: what an old GPS receiver is off by

Server server(double offset, double delay = 1e-3, bool iburst = true) {
  Server s;
  s.offset = offset;
  s.delay = delay;
  s.options.iburst = iburst;
  return s;
}

TimekeeperSettings settings() {
  TimekeeperSettings s;
  s.clock.make_step = config::MakeStep{base::Seconds{1}, 3};
  return s;
}

template <class Subject>
bool noted(const World& world) {
  return std::ranges::any_of(world.notes(), is_about<Subject>);
}

std::ptrdiff_t steps(const World& world) {
  return std::ranges::count_if(world.commands(),
                               [](const auto& c) { return std::holds_alternative<StepClock>(c); });
}

// True seconds until the clock was first corrected.
double first_correction(World& world, double limit) {
  while (world.timekeeper().updates() == 0 && world.time() < limit) world.run(world.time() + 1, 0);
  return world.time();
}

}  // namespace

TEST_CASE("of five sources without iburst three are wrong, each by its own: nobody is followed") {
  std::vector<Server> servers;
  for (const double offset : {1.0, 0.0, 2.0, 0.0, 3.0}) servers.push_back(server(offset, 1e-3, false));
  std::rotate(servers.begin(), servers.begin() + GENERATE(0, 1, 2, 3, 4), servers.end());
  World world({}, servers, settings());
  world.run(2000, 0);
  CHECK(world.timekeeper().updates() == 0);
  CHECK(std::fabs(world.clock().error()) < 0.1);
  CHECK(noted<note::NoMajority>(world));
}

TEST_CASE("the quickest of three sources is 1024 weeks off: the others are waited for, and followed") {
  const bool iburst = GENERATE(true, false);
  World world({}, {server(-weeks_1024, 50e-6, iburst), server(0, 0.15, iburst), server(0, 0.15, iburst)},
              settings());
  CHECK(first_correction(world, 300) < (iburst ? 16 : 150));
  CHECK(std::fabs(world.clock().error()) < 0.2);
  CHECK(steps(world) == 0);
}

TEST_CASE("a dead source holds the first correction up for one time-out of it at most") {
  const bool iburst = GENERATE(true, false);
  Server dead = server(0, 1e-3, iburst);
  dead.loss = 1;
  World world({}, {dead, server(0.5, 1e-3, iburst)}, settings());
  CHECK(first_correction(world, 300) < (iburst ? 16 : 150));
}

TEST_CASE("a source whose answers never become samples does not keep the others from setting the clock") {
  const bool iburst = GENERATE(true, false);
  Server far = server(0, 30e-3, iburst);
  far.options.max_delay = base::Seconds{0.01};
  const Server good = server(0.5, 1e-3, iburst);
  World world({}, {far, good, good, good}, settings());
  CHECK(first_correction(world, 600) < (iburst ? 16 : 300));
  world.run(world.time() + 60, 0);
  CHECK(world.clock().error() == Approx(0.5).margin(0.01));
}

TEST_CASE("a source that cannot be ready soon holds the first correction up by nothing") {
  const Server quick = server(0.5);
  Server slow = server(0.5, 1e-3, false);
  SECTION("asked every 64 s") {}
  SECTION("asked every 8 s") {
    slow.options.min_poll = slow.options.max_poll = {3};
  }
  SECTION("of many measurements one sample is made") {
    slow.options.iburst = true;
    slow.options.filter = GENERATE(3, 10);
  }
  World world({}, {quick, slow, quick}, settings());
  CHECK(first_correction(world, 300) < 7);
  CHECK(steps(world) == 0);
}

TEST_CASE("a source that is asked every few seconds is waited for, a few seconds") {
  Server wrong = server(-weeks_1024, 50e-6);
  Server lossy = server(0, 1e-3, false);
  lossy.options.min_poll = lossy.options.max_poll = {2};
  World world({}, {wrong, lossy, lossy}, settings());
  CHECK(first_correction(world, 300) < 13);
  CHECK(steps(world) == 0);
  CHECK(std::fabs(world.clock().error()) < 0.2);
}

TEST_CASE("the first correction followed a source that most contradict later: begun again, once") {
  Server silent = server(0);
  silent.loss = 1;
  World world({}, {server(5), silent, silent, silent}, settings());
  world.run(1000, 0);
  CHECK(world.clock().error() == Approx(5).margin(0.1));
  for (std::size_t i = 1; i < 4; ++i) world.change_server(i, server(0));
  world.run(4000, 0);
  CHECK(std::fabs(world.clock().error()) < 0.01);
  CHECK(noted<note::StartWasWrong>(world));
  CHECK(steps(world) == 2);
}

}  // namespace gnomon::testing
