// SPDX-License-Identifier: GPL-2.0-or-later
// What keeps a process from being late: memory that is never paged out, and permission for a real-time
// priority.
#pragma once

#include "base/os/credentials.hpp"
#include "base/os/error.hpp"

namespace gnomon::base {

// Everything that is mapped now is read in and stays; where RLIMIT_MEMLOCK has no limit what comes later
// stays as well, from its first use on. Otherwise the stack is left out, which could not grow any more.
// Children do not inherit it.
[[nodiscard]] OsResult<void> lock_memory();
// For the children of this process, whatever they drop after they have begun: raises the limit, which takes
// CAP_SYS_RESOURCE. The value is what they need in its place to begin with: nothing, or a capability that we
// have.
[[nodiscard]] OsResult<CapabilitySet> allow_locked_memory();
[[nodiscard]] OsResult<CapabilitySet> allow_priority(int priority);  // SCHED_FIFO, 1..99

}  // namespace gnomon::base
