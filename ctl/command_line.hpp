// SPDX-License-Identifier: GPL-2.0-or-later
// gnomonctl's command line: which command, to which socket, shown how.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

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

// The options as the parser has them, for completions and the manual page.
struct OptionWord {
  std::string name;         // "-v, --version"
  std::string arguments;    // as in a synopsis, empty: takes none
  std::string description;  // a headline
};
[[nodiscard]] std::vector<OptionWord> option_words();

[[nodiscard]] std::expected<Request, Outcome> parse_command_line(int count, const char* const* arguments);

// What commands before it in the same run have set.
void use_settings(const SessionSettings& settings, Request& request);

// One command as a single line, as chronyc takes its arguments: 'burst 4/4' in quotes is two words. What
// follows gnomonctl's own commands, such as times and paths, stays as it is. nullopt: an empty line or a
// comment.
[[nodiscard]] std::optional<std::vector<std::string>> as_one_line(const std::vector<std::string>& words);
}  // namespace gnomon::ctl
