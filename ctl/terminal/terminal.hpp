// SPDX-License-Identifier: GPL-2.0-or-later
// What standard output is, as far as the looks of a reply depend on it.
#pragma once

#include <cstddef>

namespace gnomon::ctl {

struct Terminal {
  bool is_one = false;
  std::size_t width = 0;   // columns; 0: none, or not known
  std::size_t height = 0;  // lines; likewise
  bool colours = false;    // it can, and NO_COLOR (https://no-color.org) does not forbid it
};
[[nodiscard]] Terminal look_at_terminal();

}  // namespace gnomon::ctl
