// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-refclock may do once its devices are open.
#pragma once

#include "base/os/sandbox/confine.hpp"
#include "helpers/refclock/service.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::refclock {

[[nodiscard]] base::Confinement confinement(const ipc::RoleIdentity& identity, const Service& service);

}  // namespace gnomon::refclock
