// SPDX-License-Identifier: GPL-2.0-or-later
// What is printed instead of asking the daemon: the help, and what is wrong with a command line.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ctl/command.hpp"
#include "ctl/request.hpp"

namespace CLI {
class App;
class Error;
class FormatterBase;
class Option;
}  // namespace CLI

namespace gnomon::ctl {

// Writes the help of a command as its row has it.
[[nodiscard]] std::shared_ptr<CLI::FormatterBase> synopsis();
// What the help of the program says first.
[[nodiscard]] std::string introduction();
// Above the commands of that group.
[[nodiscard]] const char* headline(Group group);
// A line of the list of commands.
[[nodiscard]] std::string headline(const Command& row);
// A clause with a comma before it; empty: nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word);

[[nodiscard]] bool takes_value(const CLI::Option& option);
// As they are written: "-o, --output".
[[nodiscard]] std::string names_of(const CLI::Option& option);

// What CLI11 has thrown: somebody wants the help or the version, or the line is wrong.
[[nodiscard]] Outcome outcome(const CLI::App& app, const CLI::Error& error);
// what: a clause.
[[nodiscard]] Outcome misuse(const Command& row, std::string_view what);

}  // namespace gnomon::ctl
