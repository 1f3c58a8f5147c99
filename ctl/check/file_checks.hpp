// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the files and directories of a configuration are there, and whether the daemon's user may use them
// as its roles do. Looks at the disk, opens nothing.
#pragma once

#include "ctl/check/configuration.hpp"
#include "ctl/check/permissions.hpp"

namespace gnomon::ctl {

// The user of `user`; says so when there is none.
[[nodiscard]] std::optional<Account> daemon_account(const Configuration& configuration, Findings& findings);

// account: nullptr where it is not known; then only what is missing is found.
void check_files(const Configuration& configuration, const Account* account, Findings& findings);

}  // namespace gnomon::ctl
