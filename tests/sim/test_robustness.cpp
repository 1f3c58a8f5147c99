// SPDX-License-Identifier: GPL-2.0-or-later
// What goes wrong around a clock: silence, sleep, steps, routes. From all of it the closed loop must come
// back.
#include <algorithm>
#include <cmath>

#include "daemon/core/engine/discipline/clock_trust.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using simulation::Oscillator;
using simulation::Server;
using simulation::World;

namespace {

constexpr double hour = 3600;  // s
constexpr double warm_up = 10000;

Server lan() {
  Server server;
  server.options.iburst = true;
  return server;
}

std::vector<Server> four_servers() {
  Server server = lan();
  server.delay = 5e-3;
  server.jitter = 500e-6;
  return {4, server};
}

TimekeeperSettings settings(double step_threshold = 1, int step_limit = 3) {
  TimekeeperSettings s;
  s.clock.make_step = config::MakeStep{base::Seconds{step_threshold}, step_limit};
  return s;
}

class StartedWorld : public World {
 public:
  explicit StartedWorld(const std::vector<Server>& servers, TimekeeperSettings s = settings())
      : World({}, servers, std::move(s), GENERATE(1U, 2U, 3U)) {
    run(warm_up, warm_up);
  }
};

// The largest error of the next so many seconds, s.
double worst_in(World& world, double seconds) {
  double worst = 0;
  for (const float e : world.run(world.time() + seconds, 0).errors)
    worst = std::max(worst, std::fabs(static_cast<double>(e)));
  return worst;
}

// Lets so many seconds pass; then so many more in which that error is the largest.
double worst_after(World& world, double seconds, double further) {
  world.run(world.time() + seconds, 0);
  return worst_in(world, further);
}

double frequency_ppm(World& world) {
  return world.timekeeper().tracking(world.now()).frequency.value;
}

}  // namespace

TEST_CASE("a day without the server costs what the oscillator wanders, and a few minutes afterwards") {
  Server server = lan();
  StartedWorld world(std::vector{server});
  server.loss = 1;
  world.change_server(0, server);
  // Beyond 0.3 ppm, which a clock like this wanders in a day, it would be the estimate's fault.
  CHECK(worst_in(world, 24 * hour) < 0.6e-6 * 24 * hour);
  server.loss = 0;
  world.change_server(0, server);
  CHECK(worst_after(world, 1024 + 300, 10000) < 300e-6);
}

TEST_CASE("a source that answers again after hours is believed again beside the others") {
  auto servers = four_servers();
  StartedWorld world(servers);
  for (std::size_t i = 1; i < servers.size(); ++i) {
    Server silent = servers[i];
    silent.loss = 1;
    world.change_server(i, silent);
  }
  CHECK(worst_in(world, 6 * hour) < 1.5e-3);
  for (std::size_t i = 1; i < servers.size(); ++i) world.change_server(i, servers[i]);
  CHECK(worst_after(world, 3000, 10000) < 1e-3);
  for (const auto& verdict : world.timekeeper().verdicts())
    CHECK((verdict.state == SourceState::selected || verdict.state == SourceState::combined));
}

TEST_CASE("with most packets lost the clock is still kept") {
  Server server = lan();
  server.loss = 0.4;
  StartedWorld world(std::vector{server});
  CHECK(worst_in(world, 50000) < 1e-3);
}

TEST_CASE("after sleep the frequency is still known and the offset found within seconds") {
  StartedWorld world(std::vector{lan()});
  const double frequency = frequency_ppm(world);
  for (const double gained : {0.7, -0.9}) {
    world.sleep(8 * hour, gained);
    CHECK(worst_in(world, 4) > 0.5);
    CHECK(worst_after(world, 16, 10000) < 500e-6);
    CHECK(frequency_ppm(world) == Approx(frequency).margin(0.5));
  }
}

TEST_CASE("after sleep the clock is stepped where that is allowed") {
  StartedWorld world(std::vector{lan()}, settings(0.1, -1));
  world.sleep(8 * hour, 0.7);
  CHECK(worst_after(world, 6, 10000) < 500e-6);
}

TEST_CASE("sleep while the clock is slewed moves nothing but what the RTC is wrong by") {
  World world({}, {lan()}, settings(1000, 0), 1);
  world.run(warm_up, warm_up);
  world.jump(2);
  world.run(world.time() + 20, 0);  // being slewed away
  const double before = world.timekeeper().tracking(world.now()).system_time.count();
  REQUIRE(std::fabs(before) > 0.1);
  world.sleep(8 * hour, 0.7);
  CHECK(world.timekeeper().tracking(world.now()).system_time.count() == Approx(before).margin(1e-3));
  CHECK(worst_after(world, 60, 10000) < 500e-6);
}

TEST_CASE("makestep after sleep steps by no more than is known to be wrong") {
  StartedWorld world(std::vector{lan()});
  world.sleep(8 * hour, 0.7);
  const auto orders = world.timekeeper().apply(CorrectNow{}, world.now());
  REQUIRE(orders);
  for (const auto& command : orders->commands)
    if (const auto* step = std::get_if<StepClock>(&command))
      CHECK(std::fabs(base::to_seconds(step->offset).count()) < 1e-3);
}

TEST_CASE("fallbackdrift after sleep, with no source in sight, keeps to the clock's own frequency") {
  auto s = settings();
  s.clock.fallback_drift = config::FallbackSpans{{6}, {9}};
  Server server = lan();
  StartedWorld world(std::vector{server}, s);
  server.loss = 1;
  world.change_server(0, server);
  world.sleep(8 * hour, 0.7);
  world.run(world.time() + 2000, 0);
  static_cast<void>(world.timekeeper().on_tick(world.now()));
  CHECK(std::fabs(world.clock().rate_error()) < 1e-6);
  CHECK(std::fabs(world.error() - 0.7) < 5e-3);
}

TEST_CASE("after sleep certificates are judged by the date that the clock shows") {
  StartedWorld world(std::vector{lan()});
  ClockTrust trust({.built = world.now().real - std::chrono::hours{24}, .saved = {}});
  const auto consider = [&] {
    const auto correction = world.timekeeper().tracking(world.now()).system_time;
    static_cast<void>(trust.consider(correction, {}, 1, world.now()));
    return base::to_seconds(trust.dates(world.now()).correction).count();
  };
  CHECK(std::fabs(consider()) < 1);
  world.sleep(200 * 24 * hour, 0.7);
  trust.clock_jumped();
  CHECK(std::fabs(consider()) < 1);
}

TEST_CASE("a clock up to maxdrift too fast or too slow is caught, however it begins") {
  Oscillator oscillator;
  oscillator.frequency = GENERATE(0.05, -0.05, 0.09, -0.09, 0.01, -0.01, 0.003);
  Server server = lan();
  server.options.iburst = GENERATE(true, false);
  auto s = GENERATE(false, true) ? settings() : TimekeeperSettings{};
  World world(oscillator, {server}, s, 1);
  CHECK(worst_after(world, 600, 400) < 500e-6);
  CHECK(frequency_ppm(world) == Approx(oscillator.frequency / (1 + oscillator.frequency) * 1e6).margin(1));
}

TEST_CASE("four servers far away catch a clock that is far too fast, too") {
  Oscillator oscillator;
  oscillator.frequency = GENERATE(0.05, -0.09);
  World world(oscillator, four_servers(), settings(), GENERATE(1U, 2U));
  CHECK(worst_after(world, 600, 400) < 5e-3);
}

TEST_CASE("a drift file that is far wrong is left for what is measured") {
  Oscillator oscillator;
  oscillator.frequency = 100e-6;
  auto s = settings();
  s.drift = DriftFile{{GENERATE(-100.0, 50000.0)}, {0.01}};
  World world(oscillator, {lan()}, s, 1);
  CHECK(worst_after(world, 600, 400) < 500e-6);
  CHECK(frequency_ppm(world) == Approx(100).margin(1));
}

TEST_CASE("a clock that somebody has set comes back as fast as slewing allows") {
  StartedWorld world(std::vector{lan()});
  world.jump(5);
  CHECK(worst_after(world, 5 / 0.0833 + 20, 10000) < 500e-6);
}

TEST_CASE("a jump too small to be noticed at once is noticed by the measurements") {
  const double jump = GENERATE(0.05, -0.002);
  StartedWorld world(std::vector{lan()});
  world.jump(jump);
  CHECK(worst_after(world, 1024 + 300, 10000) < 300e-6);
}

TEST_CASE("the only server is followed wherever it goes") {
  Server server = lan();
  StartedWorld world(std::vector{server});
  server.offset = 1;
  world.change_server(0, server);
  world.run(world.time() + 3000, 0);
  CHECK(world.clock().error() == Approx(1).margin(500e-6));
  server.offset = 0;
  world.change_server(0, server);
  CHECK(worst_after(world, 3000, 10000) < 500e-6);
}

TEST_CASE("one of four servers that steps by a second moves nothing, nor does its return") {
  auto servers = four_servers();
  StartedWorld world(servers);
  for (const double offset : {1.0, 0.0}) {
    servers[1].offset = offset;
    world.change_server(1, servers[1]);
    CHECK(worst_in(world, 10000) < 1e-3);
  }
}

TEST_CASE("one of four servers that is 3 ms off draws the clock along by little") {
  auto servers = four_servers();
  servers[2].offset = 3e-3;
  StartedWorld world(servers);
  CHECK(worst_in(world, 50000) < 1e-3);
}

TEST_CASE("a route that is longer or shorter both ways moves nothing") {
  Server server = lan();
  server.delay = 5e-3;
  StartedWorld world(std::vector{server});
  for (const double delay : {15e-3, 5e-3}) {
    server.delay = delay;
    world.change_server(0, server);
    CHECK(worst_in(world, 20000) < 700e-6);
  }
}

TEST_CASE("a route that is longer one way moves the clock by no more than half of that") {
  Server server = lan();
  server.route_period = 40000;
  server.route_out = 2e-3;
  StartedWorld world(std::vector{server});
  CHECK(worst_in(world, 70000) < 1e-3);
}

TEST_CASE("polling many times a second makes a near server's clock ours to the microsecond") {
  Server server = lan();
  server.options.min_poll = server.options.max_poll = {-6};
  World world({}, {server}, settings(), GENERATE(1U, 2U, 3U));
  CHECK(worst_after(world, 60, 120) < 20e-6);
  CHECK(world.run(world.time() + 1, 0).packets > 10800);
}

TEST_CASE("a far server is not polled more often than once a second") {
  Server server = lan();
  server.delay = 5.5e-3;
  server.options.min_poll = server.options.max_poll = {-6};
  World world({}, {server}, settings(), 1);
  CHECK(worst_after(world, 60, 120) < 50e-6);
  CHECK(world.run(world.time() + 1, 0).packets < 190);
}

}  // namespace gnomon::testing
