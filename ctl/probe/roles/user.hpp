// SPDX-License-Identifier: GPL-2.0-or-later
// As whom the helpers of a probe run.
#pragma once

#include <string>

namespace gnomon::ctl::probe {

// As ipc::RoleIdentity has it: a number without an account where root started the probe, otherwise the user.
[[nodiscard]] std::string user_of_helpers();

}  // namespace gnomon::ctl::probe
