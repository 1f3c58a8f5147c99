// SPDX-License-Identifier: GPL-2.0-or-later
// Stock chronyd shows whether the simulator is right: what it reaches is known from another one.
#include <cmath>

#include "tests/sim/daemon_run.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace simulation;

namespace {

// RMS, geometric mean over a few seeds, by what is known.
double rms_ratio(const std::string& name, Polling polling, double known) {
  constexpr std::uint64_t seeds = 6;
  DaemonRun run{.program = Program::chronyd, .file = "chronyd", .polling = polling};
  for (const auto& scenario : scenarios())
    if (scenario.name == name) run.scenario = scenario;
  double sum = 0;
  for (run.seed = 1; run.seed <= seeds; ++run.seed) {
    const auto result = run_daemon(run);
    REQUIRE(result.has_value());
    sum += std::log(result->rms);
  }
  return std::exp(sum / seeds) / known;
}

}  // namespace

TEST_CASE("chronyd is as accurate here as it is elsewhere when it asks every 64 s") {
  for (const auto& scenario : scenarios()) {
    if (scenario.name != "lan" && scenario.name != "wan4" && scenario.name != "thermal") continue;
    INFO(scenario.name);
    CHECK(rms_ratio(scenario.name, Polling::every_64_s, scenario.chrony.rms_poll6) == Approx(1).margin(0.15));
  }
}

TEST_CASE("chronyd is as accurate here as it is elsewhere when it chooses its intervals") {
  for (const auto& scenario : scenarios()) {
    if (scenario.name != "lan" && scenario.name != "wander" && scenario.name != "xleave") continue;
    INFO(scenario.name);
    CHECK(rms_ratio(scenario.name, Polling::by_default, scenario.chrony.rms) == Approx(1).margin(0.25));
  }
}

}  // namespace gnomon::testing
