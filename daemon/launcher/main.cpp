// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond: reads its command line and configuration, then starts the roles and watches them.
#include <cstdio>
#include <exception>
#include <span>

#include <fmt/format.h>

#include "config/command_line.hpp"
#include "config/parse.hpp"
#include "daemon/launcher/config_file.hpp"
#include "daemon/launcher/daemon.hpp"

namespace {

using namespace gnomon;

constexpr const char* features =
    "+NTP +NTS +SCFILTER +LANDLOCK +PRIVDROP +ASYNCDNS +IPV6 -CMDMON -REFCLOCK -RTC -SIGND";

int print_lines(const config::Parsed& parsed) {
  for (const auto& line : parsed.lines) fmt::print("{}\n", line.text);
  return 0;
}

int run(std::span<char* const> arguments) {
  const auto options = config::parse_command_line(arguments);
  if (!options) {
    fmt::print(stderr, "gnomond: {}\n", options.error());
    return 1;
  }
  if (options->show_help) {
    fmt::print("{}", config::usage("gnomond"));
    return 0;
  }
  if (options->show_version) {
    fmt::print("gnomond (gnomon) version {} ({})\n", GNOMON_VERSION, features);
    return 0;
  }
  const auto parsed = launcher::read_configuration(*options, config::real_files());
  if (!parsed) {
    for (const auto& line : parsed.error()) fmt::print(stderr, "{}\n", line);
    return 1;
  }
  if (options->mode == config::RunMode::print_config) return print_lines(*parsed);
  launcher::StartLog log{*options};
  return launcher::run_daemon(*options, *parsed, log);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::span(argv, static_cast<std::size_t>(argc)));
  } catch (const std::exception& error) {
    fmt::print(stderr, "gnomond: {}\n", error.what());
    return 1;
  }
}
