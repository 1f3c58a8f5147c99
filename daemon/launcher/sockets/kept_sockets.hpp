// SPDX-License-Identifier: GPL-2.0-or-later
// The server sockets across a restart: systemd's fd store keeps those that no socket unit holds, so that
// requests wait there instead of being lost in the meantime.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/os/log.hpp"
#include "base/os/systemd.hpp"

namespace gnomon::launcher {

// Whether it comes from our fd store and not from a socket unit.
[[nodiscard]] bool is_kept(const base::ActivatedSocket& socket);

// Where the configuration has use for them.
struct KeptPlace {
  int type = 0;
  base::Endpoint local;
  int count = 0;  // not more than so many
};
// Closes the others, and those that the core before has connected or shut down: as long as we have them open
// their port cannot be bound, or some of the requests go to them, which nobody reads.
void close_unusable(std::vector<base::ActivatedSocket>& inherited, std::vector<KeptPlace> places);

// The store holds these and nothing else from now on. Without systemd, or with FileDescriptorStoreMax=0,
// nothing happens.
void keep_over_restart(const std::vector<int>& sockets);

// A socket unit that nothing in the configuration uses: requests would wait there for ever. One line for
// each.
void name_unused(const std::vector<base::ActivatedSocket>& inherited, base::Log& log);

}  // namespace gnomon::launcher
