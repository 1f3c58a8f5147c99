// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond-sim: gnomond with all of its roles in one process and one thread, for simulators that replace the
// clocks and the network under a program. The same command line.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>

#include <fmt/format.h>

#include "config/command_line.hpp"
#include "config/parse.hpp"
#include "daemon/launcher/config_file.hpp"
#include "daemon/launcher/role_setups.hpp"
#include "tests/sim/daemon/single_process.hpp"

namespace {

using namespace gnomon;

int print_lines(const config::Parsed& parsed) {
  for (const auto& line : parsed.lines) fmt::print("{}\n", line.text);
  return 0;
}

int refuse(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  return 1;
}

// Without a simulator the clock would be the machine's own, set by a program that has no sandbox.
bool may_steer(const config::CommandLine& options) {
  return !launcher::steers_clock(options) || std::getenv("LD_PRELOAD") != nullptr;
}

int run(std::span<char* const> arguments) {
  const auto options = config::parse_command_line(arguments);
  if (!options) return refuse("gnomond-sim: " + options.error());
  if (options->show_help) {
    fmt::print("{}", config::usage("gnomond-sim"));
    return 0;
  }
  if (options->show_version) {
    fmt::print("gnomond-sim (gnomon) version {}\n", GNOMON_VERSION);
    return 0;
  }
  const auto parsed = launcher::read_configuration(*options, config::real_files());
  if (!parsed) return refuse(fmt::format("{}", fmt::join(parsed.error(), "\n")));
  if (options->mode == config::RunMode::print_config) return print_lines(*parsed);
  if (!may_steer(*options))
    return refuse(
        "gnomond-sim: no simulator is preloaded (LD_PRELOAD), and the machine's own clock is not for this "
        "program to set: use -x or -Q, or gnomond");
  return sim::run_single_process(*options, parsed->config);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::span(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "gnomond-sim: {}\n", error.what());
    return 1;
  }
}
