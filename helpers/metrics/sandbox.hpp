// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-metrics may still do: speak on connections that are accepted, and on its channel. No file, no
// socket of its own.
#pragma once

#include "base/os/sandbox/confine.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::metrics {

[[nodiscard]] base::Confinement confinement(const ipc::RoleIdentity& identity);

}  // namespace gnomon::metrics
