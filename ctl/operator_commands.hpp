// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that take words after them, chronyc's syntax: from the words to the call and back to its text.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "ctl/command_line.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

struct Asking {
  std::string method;  // of io.gnomon.Control
  boost::json::object parameters;
  std::string (*render)(const Reply&, const View&) = render_done;
};

[[nodiscard]] bool is_operator_command(Command command);
// Error: what the words should have been.
[[nodiscard]] std::expected<Asking, std::string> operator_command_of(Command command,
                                                                     const std::vector<std::string>& words);

}  // namespace gnomon::ctl
