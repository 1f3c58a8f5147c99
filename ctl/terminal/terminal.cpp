// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/terminal/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace gnomon::ctl {

namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Terminal look_at_terminal() {
  Terminal terminal{.is_one = isatty(STDOUT_FILENO) != 0};
  if (!terminal.is_one) return terminal;
  terminal.width = 80;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.width = size.ws_col;
    terminal.height = size.ws_row;
  }
  const auto type = variable("TERM");
  terminal.colours = variable("NO_COLOR").empty() && !type.empty() && type != "dumb";
  return terminal;
}

}  // namespace gnomon::ctl
