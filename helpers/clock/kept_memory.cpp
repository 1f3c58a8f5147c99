// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/kept_memory.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/role_setup.hpp"

namespace gnomon::clock {

static_assert(sizeof(Memory) <= ipc::clock_memory_size);

KeptMemory::KeptMemory(int fd) {
  if (fd < 0) return;
  struct stat file{};
  if (fstat(fd, &file) == 0 && file.st_size >= static_cast<off_t>(ipc::clock_memory_size)) {
    void* const mapped = mmap(nullptr, ipc::clock_memory_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) memory_ = static_cast<Memory*>(mapped);
  }
  close(fd);
}

}  // namespace gnomon::clock
