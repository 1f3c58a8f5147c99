// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/clock_memory.hpp"

#include "daemon/launcher/files/kept_memory.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::launcher {
namespace {

constexpr const char* kept_name = "clock-memory";

}  // namespace

base::OsResult<base::Fd> open_clock_memory(std::vector<base::ActivatedSocket>& inherited) {
  return open_kept_memory(kept_name, ipc::clock_memory_size, inherited);
}

void forget_clock_memory() {
  forget_kept_memory(kept_name);
}

}  // namespace gnomon::launcher
