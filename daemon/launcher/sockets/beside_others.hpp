// SPDX-License-Identifier: GPL-2.0-or-later
// All addresses of this machine but those that other servers have: such a server holds one of them alone.
#pragma once

#include "base/os/fd.hpp"
#include "base/os/socket.hpp"

namespace gnomon::launcher {

// UDP, at 0.0.0.0 or ::, where that alone was refused with EADDRINUSE. Requests to the others' addresses stay
// theirs. Again EADDRINUSE: another server has all addresses, or does not let others beside it
// (SO_REUSEADDR). Afterwards nobody else gets the port.
[[nodiscard]] base::OsResult<base::Fd> bind_beside_others(const base::Endpoint& all,
                                                          base::SocketOptions options);

}  // namespace gnomon::launcher
