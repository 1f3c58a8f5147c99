// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/kept_memory.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/os/shared_memory.hpp"

namespace gnomon::launcher {
namespace {

// None: systemd holds none of that name.
base::Fd take_kept(const char* name, std::vector<base::ActivatedSocket>& inherited) {
  const auto kept = std::ranges::find(inherited, name, &base::ActivatedSocket::name);
  if (kept == inherited.end()) return {};
  base::Fd memory = std::move(kept->fd);
  inherited.erase(kept);
  return memory;
}

}  // namespace

base::OsResult<base::Fd> open_kept_memory(const char* name, std::size_t size,
                                          std::vector<base::ActivatedSocket>& inherited) {
  // No socket of another unit that happens to have the name.
  if (auto kept = take_kept(name, inherited); kept && base::is_shared_memory(kept.get(), size)) return kept;
  auto memory = base::make_shared_memory(name, size);
  if (!memory) return memory;
  forget_kept_memory(name);
  const std::array stored{memory->get()};
  [[maybe_unused]] const auto told =
      base::notify_systemd(std::string{"FDSTORE=1\nFDPOLL=0\nFDNAME="} + name, stored);
  return memory;
}

void forget_kept_memory(const char* name) {
  [[maybe_unused]] const auto told = base::notify_systemd(std::string{"FDSTOREREMOVE=1\nFDNAME="} + name);
}

base::Fd open_ring_memory(const char* name, std::size_t size, std::vector<base::ActivatedSocket>& inherited) {
  if (size > 0) {
    auto memory = open_kept_memory(name, size, inherited);
    return memory ? std::move(*memory) : base::Fd{};
  }
  if (take_kept(name, inherited)) forget_kept_memory(name);
  return {};
}

}  // namespace gnomon::launcher
