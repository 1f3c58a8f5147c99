// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gnomon::base {

namespace {

constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;

}  // namespace

OsResult<Fd> make_shared_memory(const char* name, std::size_t size) {
  Fd memory{memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!memory) return std::unexpected(last_error("memfd_create"));
  if (ftruncate(memory.get(), static_cast<off_t>(size)) != 0) return std::unexpected(last_error("ftruncate"));
  if (fcntl(memory.get(), F_ADD_SEALS, seals) != 0) return std::unexpected(last_error("fcntl(F_ADD_SEALS)"));
  return memory;
}

bool is_shared_memory(int fd, std::size_t size) {
  struct stat file{};
  return fstat(fd, &file) == 0 && file.st_size == static_cast<off_t>(size) && fcntl(fd, F_GET_SEALS) == seals;
}

void* map_shared_memory(int fd, std::size_t size) {
  const Fd memory{fd};
  struct stat file{};
  if (!memory || fstat(fd, &file) != 0 || file.st_size < static_cast<off_t>(size)) return nullptr;
  void* const mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

}  // namespace gnomon::base
