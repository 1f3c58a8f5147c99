// SPDX-License-Identifier: GPL-2.0-or-later
// gnomonctl's command line: which command, to which socket, shown how.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ctl/render/render.hpp"
#include "ctl/source_commands.hpp"

namespace gnomon::ctl {

enum class Command : std::uint8_t {
  activity,
  authdata,
  certificates,
  dfreq,
  doffset,
  local,
  makestep,
  manual,
  maxupdateskew,
  ntpdata,
  order,  // any that changes something of the sources
  rekey,
  reselect,
  reselectdist,
  selectdata,
  serverstats,
  settime,
  shutdown,
  smoothing,
  smoothtime_activate,
  smoothtime_reset,
  sourcename,
  sources,
  sourcestats,
  tracking,
  waitsync
};

struct Request {
  Command command = Command::tracking;
  std::string socket;
  bool json = false;
  View view;
  std::optional<std::string> source;  // ntpdata's and sourcename's argument
  std::vector<std::string> words{};   // what follows an order, see ctl/orders.hpp and ctl/source_orders.hpp
  MethodCall order{};                 // of Command::order
};

// Nothing to ask the daemon: print this and end with this status.
struct Outcome {
  std::string text;
  int status = 0;  // not 0: the text is for stderr
};

// The commands and options with their one-line help, for completions and the manual page; commands in the
// order of the alphabet.
struct CommandWord {
  std::string name;
  std::string arguments;  // as in a synopsis, empty: takes none
  std::string description;
};
[[nodiscard]] std::vector<CommandWord> command_words();
[[nodiscard]] std::vector<CommandWord> option_words();

[[nodiscard]] std::expected<Request, Outcome> parse_command_line(int count, const char* const* arguments);

}  // namespace gnomon::ctl
