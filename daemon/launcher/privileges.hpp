// SPDX-License-Identifier: GPL-2.0-or-later
// The privileges that gnomond was started with, and what follows from them: whether it may steer the clock,
// and which user the roles become. Decisions only; drop_privileges.hpp asks the system and acts.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "config/command_line.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

struct Privileges {
  bool root = false;
  bool may_set_clock = false;    // CAP_SYS_TIME is there to be passed on
  bool may_change_user = false;  // CAP_SETUID and CAP_SETGID, which root of a container may lack
};

// Error: the sentence that ends the start.
[[nodiscard]] std::expected<void, std::string> check_clock_rights(const config::CommandLine& options,
                                                                  const Privileges& privileges);

// Whether there is a user of that name; an error is a sentence.
using UserExists = std::function<std::expected<bool, std::string>(const std::string&)>;

// Whom the roles become; empty: nobody else, because gnomond is not root or was told `user root`.
[[nodiscard]] std::expected<std::string, std::string> choose_user(const config::CommandLine& options,
                                                                  const config::ProcessSettings& process,
                                                                  const Privileges& privileges,
                                                                  const UserExists& exists);

}  // namespace gnomon::launcher
