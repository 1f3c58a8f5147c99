// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-probe may still do: UDP, and its channel. No file, no TCP.
#pragma once

#include "base/os/sandbox/confine.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::probe {

[[nodiscard]] base::Confinement confinement(const ipc::RoleIdentity& identity);

}  // namespace gnomon::probe
