// SPDX-License-Identifier: GPL-2.0-or-later
// What may come next on a line of the interactive mode, from the table of commands. Stateless.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gnomon::ctl {

struct Command;

// The words of a command's synopsis that are meant literally, in alphabetical order: of "on|off|delete INDEX"
// on, off and delete.
[[nodiscard]] std::vector<std::string> choices_of(const Command& command);

// An option that has a value, and what the synopsis calls that: "--since" and "TIME".
struct ValueOption {
  std::string option;
  std::string value;
  friend bool operator==(const ValueOption&, const ValueOption&) = default;
};
[[nodiscard]] std::vector<ValueOption> value_options_of(const Command& command);
// Whether the synopsis has this word by itself, and not as the value of an option.
[[nodiscard]] bool takes_word(const Command& command, std::string_view capitals);

// The words that `line`, which ends where the cursor is, may go on with in place of its last word, in
// alphabetical order: the names of commands, then the words in a command's synopsis.
[[nodiscard]] std::vector<std::string> complete(std::string_view line);

}  // namespace gnomon::ctl
