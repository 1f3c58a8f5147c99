// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond's command line: chronyd's options (chronyd(8)) and meanings.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"

namespace gnomon::config {

enum class RunMode : std::uint8_t {
  daemon,       // steer the clock, serve
  set_once,     // -q
  print_once,   // -Q
  print_config  // -p
};

// The chrony whose directives, commands and reports are all known here: what `chronyd -v` and `chronyc -v`
// say where we take its place.
inline constexpr std::string_view chrony_spoken = "4.8";

struct CommandLine {
  std::string program = "gnomond";  // as it was started: chronyd, where we take chronyd's place
  RunMode mode = RunMode::daemon;
  std::string config_file = "/etc/gnomon/gnomon.conf";  // -f
  std::vector<std::string> directives;                  // non-option arguments: then the file is not read
  base::AddressFamily family = base::AddressFamily::unspecified;  // -4, -6
  bool foreground = false;                                        // -n
  int debug = 0;                         // -d, twice for debug messages; implies foreground and stderr
  std::string log_file;                  // -l
  int log_level = 0;                     // -L -1..3
  bool restore_history = false;          // -r
  bool no_start_adjustments = false;     // -R
  bool set_from_rtc = false;             // -s
  std::optional<base::Seconds> timeout;  // -t
  std::optional<std::string> user;       // -u
  bool skip_root_check = false;          // -U
  int filter_level = 0;                  // -F
  std::optional<int> priority;           // -P
  bool lock_memory = false;              // -m
  bool no_clock_control = false;         // -x
  bool show_version = false;             // -v
  bool show_help = false;                // -h
  std::optional<int> notify_fd;          // -N
};

// Takes main's arguments, the program's name first; options and directives in any order, "--" ends options.
// What an option implies is set too: -q, -Q, -p and -d stay in the foreground, -Q and -p need no root, -Q
// leaves the clock alone. -v and -h end the reading. Error: one sentence for the user; exit status is then 1.
// `line`: what holds where the arguments say nothing.
[[nodiscard]] std::expected<CommandLine, std::string> parse_command_line(std::span<char* const> arguments,
                                                                         CommandLine line = {});
// The options, the same rows that the parser uses, for the help and gnomond(8).
struct OptionRow {
  char letter;
  std::string_view argument;  // empty: takes none
  std::string_view text;      // what it does
  std::string_view default_value{};
  bool effect = true;  // false: accepted, without effect in this version
};
[[nodiscard]] std::vector<OptionRow> option_rows();
[[nodiscard]] std::string usage(const std::string& program);

// Whether a file is there.
using Exists = std::function<bool(const char*)>;
[[nodiscard]] bool exists(const char* file);
// The configuration that is read where none is named. program: its name as it was started, without folders;
// "chronyd": the one of Debian's or Red Hat's chrony, the first that is there.
[[nodiscard]] std::string default_file(std::string_view program, const Exists& is_there = exists);
// Whether this machine's chronyd is gnomond, as the package gnomon-chrony makes it: its unit then starts it
// by that name, with the group _chrony and chrony's folders. path: where chronyd is.
[[nodiscard]] bool takes_chronyds_place(const std::string& path = "/usr/sbin/chronyd");

}  // namespace gnomon::config
