// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_memories.hpp"

#include <unistd.h>

#include <array>

#include "base/os/log.hpp"
#include "base/os/random.hpp"
#include "base/os/shared_memory.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::launcher {

namespace {

base::Fd make_rates() {
  auto memory = base::make_shared_memory("ke-rates", ipc::ke_rate_memory_size);
  if (!memory) return {};
  std::array<std::uint8_t, sizeof(std::uint64_t)> seed{};
  base::fill_random(seed);
  const bool seeded = pwrite(memory->get(), seed.data(), seed.size(), 0) == ssize_t{seed.size()};
  return seeded ? std::move(*memory) : base::Fd{};
}

}  // namespace

int RoleMemories::log_of(const RoleId& role) const {
  const auto found = logs.find({role.program, role.index});
  return found == logs.end() ? -1 : found->second.get();
}

RoleMemories make_role_memories(base::Fd clock, CoreMemories core, int ke_servers) {
  RoleMemories memories{.clock = std::move(clock), .core = std::move(core)};
  const auto add_log = [&](Program program, int index) {
    if (auto memory = base::make_shared_memory("log", base::log_memory_size))
      memories.logs.emplace(std::pair{program, static_cast<std::uint8_t>(index)}, std::move(*memory));
  };
  add_log(Program::resolve, 0);
  add_log(Program::ke_client, 0);
  add_log(Program::refclock, 0);
  add_log(Program::metrics, 0);
  for (int index = 0; index < ke_servers; ++index) add_log(Program::ke_server, index);
  if (ke_servers > 0) memories.ke_rates = make_rates();
  return memories;
}

}  // namespace gnomon::launcher
