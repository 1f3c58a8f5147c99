// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/clock_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ipc/role_setup.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* kept_name = "clock-memory";
constexpr int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW;  // a mapping of it always has its octets

// Memory and no socket of another unit that happens to have the name.
bool is_ours(const base::Fd& fd) {
  struct stat file{};
  return fstat(fd.get(), &file) == 0 && file.st_size == static_cast<off_t>(ipc::clock_memory_size) &&
         fcntl(fd.get(), F_GET_SEALS) == seals;
}

base::OsResult<base::Fd> make() {
  base::Fd memory{memfd_create(kept_name, MFD_CLOEXEC | MFD_ALLOW_SEALING)};
  if (!memory) return std::unexpected(base::last_error("memfd_create"));
  if (ftruncate(memory.get(), static_cast<off_t>(ipc::clock_memory_size)) != 0)
    return std::unexpected(base::last_error("ftruncate"));
  if (fcntl(memory.get(), F_ADD_SEALS, seals) != 0)
    return std::unexpected(base::last_error("fcntl(F_ADD_SEALS)"));
  return memory;
}

}  // namespace

base::OsResult<base::Fd> open_clock_memory(std::vector<base::ActivatedSocket>& inherited) {
  const auto kept = std::ranges::find(inherited, kept_name, &base::ActivatedSocket::name);
  if (kept != inherited.end()) {
    base::Fd memory = std::move(kept->fd);
    inherited.erase(kept);
    if (is_ours(memory)) return memory;
  }
  auto memory = make();
  if (!memory) return memory;
  forget_clock_memory();
  const std::array stored{memory->get()};
  [[maybe_unused]] const auto told =
      base::notify_systemd(std::string{"FDSTORE=1\nFDPOLL=0\nFDNAME="} + kept_name, stored);
  return memory;
}

void forget_clock_memory() {
  [[maybe_unused]] const auto told =
      base::notify_systemd(std::string{"FDSTOREREMOVE=1\nFDNAME="} + kept_name);
}

}  // namespace gnomon::launcher
