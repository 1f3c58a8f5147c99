// SPDX-License-Identifier: GPL-2.0-or-later
// What keeps a process from being late: memory that is never paged out, and permission for a real-time
// priority.
#pragma once

#include "base/os/error.hpp"

namespace gnomon::base {

// Everything that is mapped now is read in and stays; what comes later stays from its first use on. Children
// do not inherit it. Needs allow_locked_memory() of a parent, or RLIMIT_MEMLOCK.
[[nodiscard]] OsResult<void> lock_memory();
// For this process and its children from now on, whatever privileges they drop. Takes CAP_SYS_RESOURCE unless
// the limit is high enough.
[[nodiscard]] OsResult<void> allow_locked_memory();
[[nodiscard]] OsResult<void> allow_priority(int priority);  // SCHED_FIFO, 1..99; for children

}  // namespace gnomon::base
