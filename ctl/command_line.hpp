// SPDX-License-Identifier: GPL-2.0-or-later
// gnomonctl's command line: which command, to which socket, shown how.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "ctl/request.hpp"
#include "ctl/session/session_settings.hpp"

namespace gnomon::ctl {

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
