// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond-sim: gnomond with all of its roles in one process and one thread, for simulators that replace the
// clocks and the network under a program. The same command line.
#include <span>
#include <stdexcept>

#include "daemon/launcher/invocation.hpp"
#include "daemon/launcher/roles/role_setups.hpp"
#include "tests/sim/daemon/calls/calls.hpp"
#include "tests/sim/daemon/single_process.hpp"

using namespace gnomon;

namespace {

// Without a simulator the clock would be the machine's own, set by a program that has no sandbox.
void require_simulator_to_steer(const config::CommandLine& options) {
  if (!launcher::steers_clock(options) || sim::is_simulated()) return;
  throw std::runtime_error{
      "no simulator is preloaded (LD_PRELOAD), and the machine's own clock is not for this program to set: "
      "use "
      "-x or -Q, or gnomond"};
}

int run(const config::CommandLine& options, const config::Parsed& parsed) {
  require_simulator_to_steer(options);
  sim::let_clocks_settle(!parsed.config.sources.empty());
  return sim::run_single_process(options, parsed.config);
}

}  // namespace

int main(int argc, char** argv) {
  return launcher::invoke({argv, static_cast<std::size_t>(argc)}, "gnomond-sim", run);
}
