// SPDX-License-Identifier: GPL-2.0-or-later
// A request on its way: the daemon is asked, and its reply shown.
#pragma once

#include <expected>
#include <string>

#include "ctl/command_line.hpp"

namespace gnomon::ctl {

// Error: a sentence for the user. Throws ReplyFault.
[[nodiscard]] std::expected<std::string, std::string> show(const Request& request, const Reply& reply);

// The whole way: ask, show. Error: a sentence for the user.
[[nodiscard]] std::expected<std::string, std::string> run(const Request& request);

}  // namespace gnomon::ctl
