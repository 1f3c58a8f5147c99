// SPDX-License-Identifier: GPL-2.0-or-later
// chronyc's letters for the states of sources. Stateless.
#pragma once

#include <string_view>

namespace gnomon::ctl {

[[nodiscard]] constexpr char state_letter(std::string_view state) {
  if (state == "selected") return '*';
  if (state == "combined") return '+';
  if (state == "selectable") return '-';
  if (state == "falseticker") return 'x';
  if (state == "jittery") return '~';
  return '?';
}

}  // namespace gnomon::ctl
