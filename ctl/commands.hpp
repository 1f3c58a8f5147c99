// SPDX-License-Identifier: GPL-2.0-or-later
// What each command asks the daemon, and how its reply is shown.
#pragma once

#include <expected>
#include <string>

#include "ctl/command_line.hpp"
#include "ctl/varlink_client.hpp"

namespace gnomon::ctl {

// io.gnomon.Control's method.
[[nodiscard]] std::string method_of(Command command);

// Error: a sentence for the user. Throws ReplyFault.
[[nodiscard]] std::expected<std::string, std::string> show(const Request& request, const Reply& reply);

// The whole way: ask, show. Error: a sentence for the user.
[[nodiscard]] std::expected<std::string, std::string> run(const Request& request);

}  // namespace gnomon::ctl
