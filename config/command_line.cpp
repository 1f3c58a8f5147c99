// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/number.hpp"

namespace gnomon::config {

namespace {

using Outcome = std::expected<void, std::string>;

// `target`: an int, or one that may be missing.
template <typename Target>
Outcome set_whole(Target& target, char option, std::string_view value, int min, int max) {
  const auto number = base::parse_number<int>(value, {.low = min, .high = max});
  if (!number)
    return std::unexpected{
        fmt::format("option -{} must be a whole number from {} to {}, not '{}'", option, min, max, value)};
  target = *number;
  return {};
}

Outcome set_timeout(CommandLine& line, std::string_view value) {
  constexpr double longest = 1e9;  // 31 years: more than that a timer cannot count
  const auto seconds = base::parse_number<double>(value, {.low = 0});
  if (!seconds) return std::unexpected{fmt::format("option -t must be a number of seconds, not '{}'", value)};
  line.timeout = base::Seconds{std::min(*seconds, longest)};
  return {};
}

// What does not end before it began.
Outcome set_mode(CommandLine& line, RunMode mode) {
  line.mode = mode;
  line.foreground = true;
  if (mode == RunMode::set_once) return {};
  line.skip_root_check = true;
  if (mode == RunMode::print_once) line.no_clock_control = true;
  return {};
}

using Value = std::string_view;

struct Option : OptionRow {
  Outcome (*apply)(CommandLine&, Value);
};

template <bool CommandLine::* Flag>
Outcome set(CommandLine& line, Value /*none*/) {
  line.*Flag = true;
  return {};
}

Outcome log_to_terminal(CommandLine& line, Value /*none*/) {
  line.foreground = true;
  ++line.debug;
  return {};
}

// In the order of the help and of gnomond(8).
constexpr std::array options{
    Option{{'4', "", "Use IPv4 addresses only."},
           [](CommandLine& l, Value) {
             l.family = base::AddressFamily::ipv4;
             return Outcome{};
           }},
    Option{{'6', "", "Use IPv6 addresses only."},
           [](CommandLine& l, Value) {
             l.family = base::AddressFamily::ipv6;
             return Outcome{};
           }},
    Option{{'f', "FILE", "Read this configuration file; it may be a pipe.", "/etc/gnomon/gnomon.conf"},
           [](CommandLine& l, Value v) {
             l.config_file = v;
             return Outcome{};
           }},
    Option{{'n', "", "Stay in the foreground."}, set<&CommandLine::foreground>},
    Option{{'d', "", "Stay in the foreground and log to the terminal. Twice: debug messages too."},
           log_to_terminal},
    Option{{'l', "FILE", "Log to this file."},
           [](CommandLine& l, Value v) {
             l.log_file = v;
             return Outcome{};
           }},
    Option{{'L', "LEVEL",
            "Log messages of this level and above: -1 debug, 0 information, 1 warnings, 2 errors, 3 fatal "
            "errors.",
            "0"},
           [](CommandLine& l, Value v) { return set_whole(l.log_level, 'L', v, -1, 3); }},
    Option{{'p', "", "Check the configuration, print the effective directives, and exit."},
           [](CommandLine& l, Value) { return set_mode(l, RunMode::print_config); }},
    Option{{'q', "", "Set the clock once and exit."},
           [](CommandLine& l, Value) { return set_mode(l, RunMode::set_once); }},
    Option{{'Q', "", "Print how wrong the clock is and exit. Needs no privileges and opens no port."},
           [](CommandLine& l, Value) { return set_mode(l, RunMode::print_once); }},
    Option{{'r', "", "Reload the measurements of the last run from the dumpdir."},
           set<&CommandLine::restore_history>},
    Option{{'R', "", "Do not step the clock at startup, unless the limit of makestep is negative."},
           set<&CommandLine::no_start_adjustments>},
    Option{{'s', "", "Set the clock from the real-time clock at startup."}, set<&CommandLine::set_from_rtc>},
    Option{{'t', "SECONDS", "Exit after this time."}, set_timeout},
    Option{{'u', "USER", "Run as this user, whatever the directive user says."},
           [](CommandLine& l, Value v) {
             l.user = v;
             return Outcome{};
           }},
    Option{{'U', "", "Do not require being started by root."}, set<&CommandLine::skip_root_check>},
    Option{{'F', "LEVEL",
            "Below 0, name forbidden system calls instead of ending the process that makes them.", "0"},
           [](CommandLine& l, Value v) { return set_whole(l.filter_level, 'F', v, -2, 2); }},
    Option{{'P', "PRIORITY", "Run with this real-time priority, as the directive sched_priority does."},
           [](CommandLine& l, Value v) { return set_whole(l.priority, 'P', v, 0, 100); }},
    Option{{'m', "", "Lock the processes in memory, as the directive lock_all does."},
           set<&CommandLine::lock_memory>},
    Option{{'N', "FD", "Write to this file descriptor when ready."},
           [](CommandLine& l, Value v) { return set_whole(l.notify_fd, 'N', v, 0, 65535); }},
    Option{{'x', "", "Do not touch the clock. Clients are served the time of the sources all the same."},
           set<&CommandLine::no_clock_control>},
    Option{{'v', "", "Print the version and exit."}, set<&CommandLine::show_version>},
    Option{{'h', "", "Print a summary of the options and exit."}, set<&CommandLine::show_help>},
};

// Of Debian and of Red Hat.
constexpr std::array chrony_files{"/etc/chrony/chrony.conf", "/etc/chrony.conf"};

const Option* find_option(char letter) {
  const auto found = std::ranges::find(options, letter, &Option::letter);
  return found == options.end() ? nullptr : &*found;
}

// One word of options, "-Qt5" or "-d"; `next` is the word after it, for a value that stands apart. True: that
// word was used.
std::expected<bool, std::string> apply_cluster(CommandLine& line, std::string_view cluster,
                                               const char* next) {
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    const Option* const option = find_option(cluster[i]);
    if (option == nullptr) return std::unexpected{fmt::format("unknown option -{}, try -h", cluster[i])};
    const bool takes_value = !option->argument.empty();
    const bool attached = i + 1 < cluster.size();
    if (takes_value && !attached && next == nullptr)
      return std::unexpected{fmt::format("option -{} needs a value, try -h", option->letter)};
    const Value value = !takes_value ? Value{} : attached ? cluster.substr(i + 1) : Value{next};
    if (auto done = option->apply(line, value); !done) return std::unexpected{std::move(done.error())};
    if (takes_value) return !attached;
    if (line.show_help || line.show_version) return false;
  }
  return false;
}

// Text in lines of at most 72 characters, those after the first indented.
std::string wrapped(std::string_view text, std::string_view indent) {
  constexpr std::size_t width = 72;
  std::string out;
  while (text.size() > width) {
    const auto blank = text.rfind(' ', width);
    out += fmt::format("{}\n{}", text.substr(0, blank), indent);
    text.remove_prefix(blank + 1);
  }
  return out.append(text);
}

std::string usage_of(const OptionRow& option) {
  const auto text =
      fmt::format("{}{}{}", option.text,
                  option.default_value.empty() ? "" : fmt::format(" Default: {}.", option.default_value),
                  option.effect ? "" : " No effect in this version.");
  const auto word = fmt::format("-{} {}", option.letter, option.argument);
  return fmt::format("  {:<12}{}\n", word, wrapped(text, "              "));
}

}  // namespace

std::vector<OptionRow> option_rows() {
  return {options.begin(), options.end()};
}

std::expected<CommandLine, std::string> parse_command_line(std::span<char* const> arguments,
                                                           CommandLine line) {
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
  std::string text = fmt::format(
      "Usage: {} [OPTION]... [DIRECTIVE]...\n\n"
      "With a DIRECTIVE (one argument each, quoted), the configuration file is not read.\n\nOptions:\n",
      program);
  const auto file = default_file(program);
  for (OptionRow option : options) {
    if (option.letter == 'f') option.default_value = file;
    text += usage_of(option);
  }
  return text;
}

bool exists(const char* file) {
  std::error_code unreadable;
  return std::filesystem::exists(file, unreadable);
}

std::string default_file(std::string_view program, const Exists& is_there) {
  const auto found = std::ranges::find_if(chrony_files, is_there);
  if (program != "chronyd" || found == chrony_files.end()) return CommandLine{}.config_file;
  return *found;
}

bool takes_chronyds_place(const std::string& path) {
  std::error_code missing;
  return std::filesystem::canonical(path, missing).filename() == "gnomond";
}

}  // namespace gnomon::config
