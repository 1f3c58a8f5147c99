// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-core may still do once it is prepared: no capability, no exec, files only where its state lies.
#pragma once

#include <vector>

#include "base/os/sandbox/sandbox.hpp"
#include "config/config.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::core {

// Gives up user, capabilities and files. Threads started after this have given them up too. Throws
// std::system_error when any of it fails.
void give_up_privileges(const ipc::RoleIdentity& identity, const config::Config& config);
// The last step: system calls, for all threads. With `hwtimestamp` the clocks of network cards may be read.
void forbid_system_calls(const ipc::RoleIdentity& identity, const config::Config& config);

}  // namespace gnomon::core
