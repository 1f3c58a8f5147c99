// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

namespace gnomon::config {

namespace {

using Outcome = std::expected<void, std::string>;
using namespace std::string_view_literals;

constexpr auto options_with_value = "fFlLNPtu"sv;

Outcome set_whole(int& target, char option, std::string_view value, int min, int max) {
  int number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc{} || end != value.data() + value.size() || number < min || number > max)
    return std::unexpected{
        fmt::format("option -{} must be a whole number from {} to {}, not '{}'", option, min, max, value)};
  target = number;
  return {};
}

Outcome set_whole(std::optional<int>& target, char option, std::string_view value, int min, int max) {
  int number = 0;
  auto done = set_whole(number, option, value, min, max);
  if (done) target = number;
  return done;
}

Outcome set_timeout(CommandLine& line, std::string_view value) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(seconds) || seconds < 0)
    return std::unexpected{fmt::format("option -t must be a number of seconds, not '{}'", value)};
  line.timeout = std::min(seconds, 1e9);  // 31 years: more than that a timer cannot count
  return {};
}

Outcome apply_with_value(CommandLine& line, char option, std::string_view value) {
  switch (option) {
    case 'f':
      line.config_file = value;
      return {};
    case 'l':
      line.log_file = value;
      return {};
    case 'u':
      line.user = value;
      return {};
    case 't':
      return set_timeout(line, value);
    case 'F':
      return set_whole(line.filter_level, option, value, -2, 2);
    case 'L':
      return set_whole(line.log_level, option, value, -1, 3);
    case 'N':
      return set_whole(line.notify_fd, option, value, 0, 65535);
    default:
      return set_whole(line.priority, option, value, 0, 100);  // P
  }
}

// What does not end before it began.
void apply_mode(CommandLine& line, RunMode mode) {
  line.mode = mode;
  line.foreground = true;
  if (mode == RunMode::set_once) return;
  line.skip_root_check = true;
  if (mode == RunMode::print_once) line.no_clock_control = true;
}

bool apply_mode_option(CommandLine& line, char option) {
  switch (option) {
    case 'q':
      apply_mode(line, RunMode::set_once);
      return true;
    case 'Q':
      apply_mode(line, RunMode::print_once);
      return true;
    case 'p':
      apply_mode(line, RunMode::print_config);
      return true;
    case 'n':
      line.foreground = true;
      return true;
    case 'd':
      line.foreground = true;
      ++line.debug;
      return true;
    default:
      return false;
  }
}

Outcome apply_flag(CommandLine& line, char option) {
  if (apply_mode_option(line, option)) return {};
  switch (option) {
    case '4':
      line.family = base::AddressFamily::ipv4;
      return {};
    case '6':
      line.family = base::AddressFamily::ipv6;
      return {};
    case 'm':
      line.lock_memory = true;
      return {};
    case 'r':
      line.restore_history = true;
      return {};
    case 'R':
      line.no_start_adjustments = true;
      return {};
    case 's':
      line.set_from_rtc = true;
      return {};
    case 'U':
      line.skip_root_check = true;
      return {};
    case 'x':
      line.no_clock_control = true;
      return {};
    case 'v':
      line.show_version = true;
      return {};
    case 'h':
      line.show_help = true;
      return {};
    default:
      return std::unexpected{fmt::format("unknown option -{}, try -h", option)};
  }
}

// One word of options, "-Qt5" or "-d"; `next` is the word after it, for a value that stands apart. True: that
// word was used.
std::expected<bool, std::string> apply_cluster(CommandLine& line, std::string_view cluster,
                                               const char* next) {
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    const char option = cluster[i];
    if (!options_with_value.contains(option)) {
      if (auto done = apply_flag(line, option); !done) return std::unexpected{std::move(done.error())};
      if (line.show_help || line.show_version) return false;
      continue;
    }
    const bool attached = i + 1 < cluster.size();
    if (!attached && next == nullptr)
      return std::unexpected{fmt::format("option -{} needs a value, try -h", option)};
    const auto value = attached ? cluster.substr(i + 1) : std::string_view{next};
    if (auto done = apply_with_value(line, option, value); !done)
      return std::unexpected{std::move(done.error())};
    return !attached;
  }
  return false;
}

}  // namespace

std::expected<CommandLine, std::string> parse_command_line(std::span<char* const> arguments) {
  CommandLine line;
  bool options_ended = false;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const std::string_view word{arguments[i]};
    if (options_ended || word.size() < 2 || word.front() != '-') {
      line.directives.emplace_back(word);
    } else if (word == "--") {
      options_ended = true;
    } else if (word == "--version") {
      line.show_version = true;
    } else if (word == "--help") {
      line.show_help = true;
    } else if (word.starts_with("--")) {
      return std::unexpected{fmt::format("unknown option {}, try --help", word)};
    } else {
      const char* next = i + 1 < arguments.size() ? arguments[i + 1] : nullptr;
      const auto used_next = apply_cluster(line, word.substr(1), next);
      if (!used_next) return std::unexpected{used_next.error()};
      if (*used_next) ++i;
    }
    if (line.show_help || line.show_version) break;
  }
  return line;
}

std::string usage(const std::string& program) {
  return fmt::format(
      R"(Usage: {} [OPTION]... [DIRECTIVE]...

With a DIRECTIVE (one argument each, quoted) the configuration file is not read.

Options:
  -4, -6      use IPv4 or IPv6 addresses only
  -f FILE     read this configuration file (/etc/gnomon/gnomon.conf)
  -n          stay in the foreground
  -d          stay in the foreground and log to the terminal; twice: with debug messages
  -l FILE     log to this file
  -L LEVEL    log messages of this level and above: -1 debug, 0 information, 1 warnings, 2 errors, 3 fatal (0)
  -p          print the effective configuration and end
  -q          set the clock once and end
  -Q          print how wrong the clock is and end
  -r          take up the measurements of the last run
  -R          do not step the clock at the start
  -s          set the clock from the real-time clock at the start
  -t SECONDS  end after this time
  -u USER     run as this user
  -U          do not insist on being started by root
  -F LEVEL    below 0: name forbidden system calls instead of dying (0)
  -P PRIORITY run with this real-time priority
  -m          lock the processes in memory
  -N FD       write to this file descriptor when ready
  -x          do not touch the clock
  -v          print the version and end
  -h          print this help and end
)",
      program);
}

}  // namespace gnomon::config
