// SPDX-License-Identifier: GPL-2.0-or-later
// A long text on a terminal is shown by a pager, as journalctl does it.
#pragma once

#include <string>

#include "ctl/terminal/terminal.hpp"

namespace gnomon::ctl {

// Whether it has more lines than the terminal.
[[nodiscard]] bool is_longer(const std::string& text, const Terminal& terminal);
// $GNOMON_PAGER, else $PAGER, else less; empty or "cat": none. Somebody else's environment (sudo) does not
// choose a program that runs as root. False: nothing was shown.
[[nodiscard]] bool show_in_pager(const std::string& text);

}  // namespace gnomon::ctl
