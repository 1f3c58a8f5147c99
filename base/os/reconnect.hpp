// SPDX-License-Identifier: GPL-2.0-or-later
// A bound UDP socket that serves one exchange after the other (acquisitionport).
#pragma once

#include "base/address.hpp"
#include "base/os/error.hpp"

namespace gnomon::base {

// From the peer it had to another one; its port stays, its address is chosen again unless it was bound to
// one.
[[nodiscard]] OsResult<void> reconnect(int socket, const Endpoint& to);
// To nobody: a connected socket takes nothing that was sent to the port for others.
[[nodiscard]] OsResult<void> park(int socket, AddressFamily family);

}  // namespace gnomon::base
