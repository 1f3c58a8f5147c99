// SPDX-License-Identifier: GPL-2.0-or-later
// What a command line has become: something to ask the daemon, or something to print at once.
#pragma once

#include <chrono>
#include <string>

#include "ctl/command.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

struct Request {
  const Command* command = nullptr;  // a row of commands()
  MethodCall call;
  std::string socket;
  bool json = false;
  bool no_pager = false;
  View view;
  std::chrono::milliseconds time_limit{5000};  // a key exchange or a rekey keeps the daemon busy for less
};

// Nothing to ask the daemon: print this and end with this status.
struct Outcome {
  std::string text;
  int status = 0;  // not 0: the text is for stderr
};

}  // namespace gnomon::ctl
