// SPDX-License-Identifier: GPL-2.0-or-later
// What a relay does to one message, as a line of the file `rule` beside it says:
//   ROLE DIRECTION NUMBER ACTION VALUE
// ROLE is a program's name, for gnomon-ntske with its first word (gnomon-ntske-server); DIRECTION `up` from
// the role or `down` to it; NUMBER counts the messages of that direction from 1, in the first process of that
// role.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gnomon::faults {

enum class Action : std::uint8_t {
  none,
  drop,
  duplicate,
  reorder,     // behind the next one
  delay,       // by VALUE ms
  corrupt,     // octet VALUE, from the end if negative
  retype,      // to the message type VALUE
  truncate,    // to VALUE octets
  extend,      // by VALUE octets
  descriptor,  // one comes along that nobody wants
  strip,       // the descriptor that comes along is taken away
  flood,       // VALUE times
  kill_before,
  kill_after,
  kill_core_before,
  kill_core_after
};

struct Rule {
  std::string role;
  bool up = false;
  int number = 0;
  Action action = Action::none;
  int value = 0;
};

[[nodiscard]] std::optional<Rule> read_rule(const std::string& path);

}  // namespace gnomon::faults
