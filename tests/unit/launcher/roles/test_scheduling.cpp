// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/scheduling.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::launcher;

TEST_CASE("memory is locked by the directive and by the option") {
  config::Config config;
  config::CommandLine options;
  CHECK_FALSE(locks_memory(config, options));
  config.process.lock_all = true;
  CHECK(locks_memory(config, options));
  config.process.lock_all = false;
  options.lock_memory = true;
  CHECK(locks_memory(config, options));
}

TEST_CASE("a real-time priority is for the processes that keep the time, and -P counts more") {
  config::Config config;
  config::CommandLine options;
  CHECK(priority_of(Program::core, config, options) == 0);
  config.process.sched_priority = 7;
  CHECK(priority_of(Program::core, config, options) == 7);
  CHECK(priority_of(Program::clock, config, options) == 7);
  for (const auto other : {Program::resolve, Program::ke_client, Program::ke_server})
    CHECK(priority_of(other, config, options) == 0);
  options.priority = 100;
  CHECK(priority_of(Program::core, config, options) == 99);
  options.priority = 0;
  CHECK(priority_of(Program::core, config, options) == 0);
}

TEST_CASE("who wants neither needs no rights for it") {
  CHECK(prepare_scheduling({}, {}));
}
