// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-resolve may do.
#pragma once

#include "base/os/sandbox/confine.hpp"
#include "helpers/resolve/name_files.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::resolve {

[[nodiscard]] base::Confinement confinement(const ipc::RoleIdentity& identity, const NameFiles& files);

}  // namespace gnomon::resolve
