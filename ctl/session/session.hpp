// SPDX-License-Identifier: GPL-2.0-or-later
// Several commands in one run, chronyc's way: those of -m, or the lines of standard input where no command is
// given.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gnomon::ctl {

// A command line that holds more than one command, or none.
struct Session {
  std::vector<std::string> options;  // before each command
  std::vector<std::string> commands;
  bool from_input = false;  // the commands come from standard input
};

// How many words stand before the command: options and their values.
[[nodiscard]] std::size_t leading_options(const std::vector<std::string>& words);

// nullopt: one command, to be parsed as it stands. `words` without the program's name.
[[nodiscard]] std::optional<Session> session_of(const std::vector<std::string>& words);

// Whether a value follows that option as a word of its own.
[[nodiscard]] bool takes_value(const std::string& option);
// What stands between white space.
[[nodiscard]] std::vector<std::string> words_in(std::string_view line);
// The words of one line; none of a comment or an empty line.
[[nodiscard]] std::vector<std::string> words_of_line(std::string_view line);
// Takes chronyc's option of that letter out of those before the command, also out of several in one word
// (-ne). Whether it was there.
[[nodiscard]] bool take_option(std::vector<std::string>& words, char letter);

// What is wrong with the argument of -p, chronyc's: a sentence with what to do instead. Empty: nothing, it is
// chronyd's usual port, or -h has the path of a socket first.
[[nodiscard]] std::string wrong_port(std::string_view port, std::string_view hosts);
// Which control socket the argument of -h means, chronyc's list of hosts separated by commas: the
// first counts. nullopt: the usual one, as for localhost and chronyd's usual socket. Error: a sentence with
// what to do instead, as another daemon may be meant.
[[nodiscard]] std::expected<std::optional<std::string>, std::string> socket_of_hosts(std::string_view hosts);

}  // namespace gnomon::ctl
