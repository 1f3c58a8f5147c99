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

// The words that `line`, which ends where the cursor is, may go on with in place of its last word, in
// alphabetical order: the names of commands, then the words in a command's synopsis.
[[nodiscard]] std::vector<std::string> complete(std::string_view line);

}  // namespace gnomon::ctl
