// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond-sim, whole, in virtual time: hours of its life in a moment.
#include <algorithm>
#include <cmath>

#include "tests/sim/daemon_run.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace simulation;

namespace {

DaemonRun run_of(const std::string& name, double until, double settle) {
  auto all = scenarios();
  std::ranges::move(scenarios_of_daemons(), std::back_inserter(all));
  DaemonRun run{.program = Program::gnomond, .file = beside("../sim/gnomond-sim")};
  run.scenario = *std::ranges::find(all, name, &Scenario::name);
  run.scenario.until = until;
  run.scenario.settle = settle;
  run.polling = Polling::every_64_s;
  return run;
}

Result result_of(const DaemonRun& run) {
  const auto result = run_daemon(run);
  REQUIRE(result.has_value());
  REQUIRE(result->errors.size() == static_cast<std::size_t>(run.scenario.until));
  return *result;
}

}  // namespace

TEST_CASE("the daemon keeps the clock of a LAN host within tens of microseconds") {
  const auto result = result_of(run_of("lan", 6000, 2000));
  CHECK(result.rms < 20e-6);
  CHECK(result.max < 60e-6);
  CHECK(result.rms_frequency < 0.3e-6);
  CHECK(result.convergence < 60);
  CHECK(result.packets > 80);
  CHECK(result.packets < 120);
}

TEST_CASE("the same seed gives the same run of the whole daemon") {
  auto run = run_of("lan", 2000, 1000);
  const auto errors = result_of(run).errors;
  CHECK(errors == result_of(run).errors);
  run.seed = 2;
  CHECK(errors != result_of(run).errors);
}

TEST_CASE("a clock that is 1000 s off is stepped once, and good from then on") {
  const auto result = result_of(run_of("offset1000", 4000, 60));
  CHECK(result.errors.front() > 999);
  CHECK(result.max < 1e-3);
}

TEST_CASE("the daemon does not follow one false server of four") {
  CHECK(result_of(run_of("falseticker", 6000, 2000)).max < 1e-3);
}

TEST_CASE("interleaved answers are as good as basic ones") {
  CHECK(result_of(run_of("xleave", 6000, 2000)).rms < 20e-6);
}

TEST_CASE("an announced leap second is inserted when it comes") {
  const auto result = result_of(run_of("leap", 8000, 2000));
  CHECK(result.max < 200e-6);
}

}  // namespace gnomon::testing
