// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/kept_memory.hpp"

#include "base/os/shared_memory.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::clock {

static_assert(sizeof(Memory) <= ipc::clock_memory_size);

KeptMemory::KeptMemory(int fd)
    : memory_(static_cast<Memory*>(base::map_shared_memory(fd, ipc::clock_memory_size))) {}

}  // namespace gnomon::clock
