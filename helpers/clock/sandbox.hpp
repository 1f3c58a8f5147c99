// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-clock may do.
#pragma once

#include "base/os/sandbox/confine.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::clock {

[[nodiscard]] base::Confinement confinement(const ipc::ClockSetup& setup);

}  // namespace gnomon::clock
