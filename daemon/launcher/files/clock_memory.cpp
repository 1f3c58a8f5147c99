// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/clock_memory.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/os/shared_memory.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* kept_name = "clock-memory";

}  // namespace

base::OsResult<base::Fd> open_clock_memory(std::vector<base::ActivatedSocket>& inherited) {
  const auto kept = std::ranges::find(inherited, kept_name, &base::ActivatedSocket::name);
  if (kept != inherited.end()) {
    base::Fd memory = std::move(kept->fd);
    inherited.erase(kept);
    // No socket of another unit that happens to have the name.
    if (base::is_shared_memory(memory.get(), ipc::clock_memory_size)) return memory;
  }
  auto memory = base::make_shared_memory(kept_name, ipc::clock_memory_size);
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
