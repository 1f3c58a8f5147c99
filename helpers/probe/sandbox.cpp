// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/probe/sandbox.hpp"

#include <linux/net_tstamp.h>
#include <sys/socket.h>

#include "base/os/sandbox/call_groups.hpp"

namespace gnomon::probe {

base::Confinement confinement(const ipc::RoleIdentity& identity) {
  auto calls = base::heap_calls();
  base::add_calls(calls, base::thread_calls());
  base::add_calls(calls, base::socket_calls({AF_INET, AF_INET6}, {SOCK_DGRAM}));
  base::add_calls(calls,
                  base::setsockopt_calls({{SOL_SOCKET, SO_TIMESTAMPING}, {SOL_SOCKET, SO_TIMESTAMPNS}}));
  base::add_calls(calls, base::getsockopt_calls({{SOL_SOCKET, SO_DOMAIN}}));
  base::add_calls(calls, {"connect", "sendto", "sendmsg", "recvmsg", "getsockname", "poll", "ppoll", "read",
                          "write", "close", "clock_gettime", "getrandom"});
  base::Confinement c;
  c.user = identity.user;
  c.lock_memory = identity.lock_memory;
  c.calls = std::move(calls);
  c.who = "gnomon-probe";
  c.mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::probe
