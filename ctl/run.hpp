// SPDX-License-Identifier: GPL-2.0-or-later
// A request on its way: the daemon is asked, and its reply shown.
#pragma once

#include <expected>
#include <string>

#include "ctl/command_line.hpp"

namespace gnomon::ctl {

// Error: a sentence for the user. Throws ReplyFault.
[[nodiscard]] std::expected<std::string, std::string> show(const Request& request, const Reply& reply);

struct Result {
  std::string text;       // for standard output
  std::string complaint;  // a sentence for the user; empty: none
  int status = 0;
};
// The whole way: ask, show.
[[nodiscard]] Result run(const Request& request);

}  // namespace gnomon::ctl
