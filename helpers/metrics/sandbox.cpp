// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/sandbox.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include "base/os/sandbox/call_groups.hpp"

namespace gnomon::metrics {

namespace {

base::CallList allowed_calls() {
  auto calls = base::heap_calls();
  base::add_calls(calls, base::thread_calls());
  base::add_calls(calls, base::event_loop_calls());
  base::add_calls(calls,
                  {"accept4", "recvfrom", "recvmsg", "sendto", "sendmsg", "read", "close", "clock_gettime"});
  // In the other direction it would end the listener, which the processes after this one have as well.
  calls.push_back({"shutdown", {base::int_argument_is(1, SHUT_WR)}});
  calls.push_back({"write", {base::int_argument_is(0, STDERR_FILENO)}});
  return calls;
}

}  // namespace

base::Confinement confinement(const ipc::RoleIdentity& identity) {
  base::Confinement c;
  c.user = identity.user;
  c.lock_memory = identity.lock_memory;
  c.calls = allowed_calls();
  c.who = "gnomon-metrics";
  c.mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::metrics
