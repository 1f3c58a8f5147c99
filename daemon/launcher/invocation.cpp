// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/invocation.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "config/command_line.hpp"
#include "daemon/launcher/files/config_file.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* features =
    "+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP +SCFILTER +LANDLOCK +SIGND +ASYNCDNS +NTS +SECHASH +IPV6 +DEBUG";

int print_lines(const config::Parsed& parsed) {
  for (const auto& trouble : parsed.troubles)
    fmt::print(stderr, "nothing is read from {}: {}\n", trouble.folder, trouble.reason);
  for (const auto& line : parsed.lines) fmt::print("{}\n", line.text);
  return 0;
}

bool started_as_chronyd(std::span<char* const> arguments) {
  return !arguments.empty() && std::filesystem::path{arguments.front()}.filename() == "chronyd";
}

int carry_out(std::span<char* const> arguments, const std::string& name, const RunDaemon& run) {
  config::CommandLine defaults;
  if (started_as_chronyd(arguments)) defaults.program = "chronyd";
  defaults.config_file = config::default_file(defaults.program);
  const auto options = config::parse_command_line(arguments, std::move(defaults));
  if (!options) {
    fmt::print(stderr, "{}: {}\n", name, options.error());
    return 1;
  }
  if (options->show_help) {
    fmt::print("{}", config::usage(name));
    return 0;
  }
  if (options->show_version) {
    // Scripts read from it which chrony it is as good as.
    if (started_as_chronyd(arguments))
      fmt::print("chronyd (chrony) version {} ({}), spoken by gnomon {}\n", config::chrony_spoken, features,
                 GNOMON_VERSION);
    else
      fmt::print("{} (gnomon) version {} ({})\n", name, GNOMON_VERSION, features);
    return 0;
  }
  const bool from_pipe = options->directives.empty() && config::is_pipe(options->config_file);
  auto parsed = read_configuration(*options, config::real_files(options->config_file));
  if (!parsed) {
    for (const auto& line : parsed.error()) fmt::print(stderr, "{}\n", line);
    return 1;
  }
  parsed->from_pipe = from_pipe;
  if (options->mode == config::RunMode::print_config) return print_lines(*parsed);
  return run(*options, *parsed);
}

}  // namespace

int invoke(std::span<char* const> arguments, const std::string& name, const RunDaemon& run) {
  try {
    return carry_out(arguments, started_as_chronyd(arguments) ? "chronyd" : name, run);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, error.what());
    return 1;
  }
}

}  // namespace gnomon::launcher
