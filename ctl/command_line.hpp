// SPDX-License-Identifier: GPL-2.0-or-later
// gnomonctl's command line: which command, to which socket, shown how.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ctl/render.hpp"

namespace gnomon::ctl {

enum class Command : std::uint8_t {
  activity,
  authdata,
  dfreq,
  doffset,
  local,
  makestep,
  manual,
  maxupdateskew,
  ntpdata,
  rekey,
  reselect,
  reselectdist,
  serverstats,
  settime,
  shutdown,
  smoothing,
  smoothtime_activate,
  smoothtime_reset,
  sources,
  sourcestats,
  tracking
};

struct Request {
  Command command = Command::tracking;
  std::string socket;
  bool json = false;
  View view;
  std::optional<std::string> source;  // ntpdata's argument
  std::vector<std::string> words{};   // what follows an order, see ctl/orders.hpp
};

// Nothing to ask the daemon: print this and end with this status.
struct Outcome {
  std::string text;
  int status = 0;  // not 0: the text is for stderr
};

[[nodiscard]] std::expected<Request, Outcome> parse_command_line(int count, const char* const* arguments);

}  // namespace gnomon::ctl
