// SPDX-License-Identifier: GPL-2.0-or-later
// The closed loop in every scenario that has figures of chrony's. Mostly one seed each: the bench has the
// averages.
#include <algorithm>
#include <cmath>

#include "tests/sim/play.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using simulation::Polling;

namespace {

// Where clocks tick a run of rare questions is but a few independent estimates: several prove more.
double rms_of_rare_requests(const simulation::Scenario& scenario) {
  const std::uint64_t seeds = scenario.servers.front().ticks ? 8 : 1;
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    sum += std::log(simulation::play(scenario, Polling::every_1024_s, seed).rms);
  return std::exp(sum / static_cast<double>(seeds));
}

}  // namespace

TEST_CASE("asking every 64 s the clock is kept better than chrony keeps it") {
  for (const auto& scenario : simulation::scenarios()) {
    if (scenario.chrony.rms_poll6 == 0) continue;
    INFO(scenario.name);
    CHECK(simulation::play(scenario, Polling::every_64_s, 1).rms < scenario.chrony.rms_poll6);
  }
}

TEST_CASE("asking every 1024 s the clock is kept better than chrony keeps it") {
  for (const auto& scenario : simulation::scenarios()) {
    if (scenario.chrony.rms_poll10 == 0) continue;
    INFO(scenario.name);
    CHECK(rms_of_rare_requests(scenario) < scenario.chrony.rms_poll10);
  }
}

TEST_CASE("choosing its intervals it beats chrony with few more packets, and never by larger excursions") {
  for (const auto& scenario : simulation::scenarios()) {
    if (scenario.chrony.rms == 0) continue;
    INFO(scenario.name);
    const auto result = simulation::play(scenario, Polling::by_default, 1);
    CHECK(result.rms < scenario.chrony.rms);
    CHECK(result.max < 1.2 * scenario.chrony.max);
    CHECK(static_cast<double>(result.packets) < 1.5 * scenario.chrony.packets);
  }
}

TEST_CASE("when started it is as near as it will ever be as soon as chrony is") {
  double sum = 0;
  int known = 0;
  for (const auto& scenario : simulation::scenarios()) {
    if (scenario.chrony.convergence == 0) continue;
    auto start = scenario;
    start.until = 20000;
    start.settle = 5000;
    const auto result = simulation::play(start, Polling::by_default, 1);
    sum += std::log(std::max(result.convergence, 1.0) / scenario.chrony.convergence);
    ++known;
  }
  CHECK(std::exp(sum / known) < 1);
}

TEST_CASE("the same seed gives the same world") {
  auto scenario = simulation::scenarios().front();
  scenario.until = 4000;
  scenario.settle = 1000;
  const auto one = simulation::play(scenario, Polling::by_default, 5);
  CHECK(one.errors == simulation::play(scenario, Polling::by_default, 5).errors);
  CHECK(one.errors != simulation::play(scenario, Polling::by_default, 6).errors);
}

}  // namespace gnomon::testing
