// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that roles have in common with those that had their place before, or that share their work: made
// before gnomond confines itself, handed to each process that is started. gnomond does not look inside.
#pragma once

#include <map>
#include <utility>

#include "base/os/fd.hpp"
#include "daemon/launcher/roles/role_id.hpp"

namespace gnomon::launcher {

// See files/kept_memory.hpp; none: the core has memory of its own.
struct CoreMemories {
  base::Fd events;
  base::Fd measurements;
};

struct RoleMemories {
  base::Fd clock;  // see files/clock_memory.hpp; none: gnomon-clock remembers nothing
  CoreMemories core;
  base::Fd ke_rates;  // what clients have used up of ntsratelimit; none: each server process counts alone
  // Which messages have been written; of a helper that is not here each process begins afresh.
  std::map<std::pair<Program, std::uint8_t>, base::Fd> logs;

  [[nodiscard]] int log_of(const RoleId& role) const;
};

// What cannot be had is left out. `ke_servers`: how many processes there are. `clock`, `core`: taken over.
[[nodiscard]] RoleMemories make_role_memories(base::Fd clock, CoreMemories core, int ke_servers);

}  // namespace gnomon::launcher
