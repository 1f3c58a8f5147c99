// SPDX-License-Identifier: GPL-2.0-or-later
// A connection to Samba's ntp_signd (`ntpsigndsocket`), made here because the core cannot make any.
#pragma once

#include <expected>
#include <string>

#include "base/os/fd.hpp"

namespace gnomon::launcher {

// To DIRECTORY/socket, not blocking. Error: a sentence with path and reason, in chrony's words.
[[nodiscard]] std::expected<base::Fd, std::string> connect_to_signd(const std::string& directory);

}  // namespace gnomon::launcher
