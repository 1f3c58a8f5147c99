// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/sandbox.hpp"

#include <unistd.h>

namespace gnomon::refclock {

namespace {

using base::int_argument_is;

// Talk on the channel, wait, look whether a missing device has come, complain, end; and what the drivers of
// the configured devices call. No file can be opened, no socket made.
base::CallList allowed_calls(const Service& service) {
  auto calls = base::thread_calls();
  base::add_calls(calls, base::heap_calls());
  base::add_calls(calls, service.calls());
  base::add_calls(calls, {"ppoll", "clock_gettime", "close", "newfstatat", "stat", "statx"});
  // The sockets of samples could send as well.
  for (const char* const call : {"recvmsg", "sendmsg"})
    calls.push_back({call, {int_argument_is(0, ipc::role_channel_fd)}});
  calls.push_back({"write", {int_argument_is(0, STDERR_FILENO)}});
  return calls;
}

}  // namespace

base::Confinement confinement(const ipc::RoleIdentity& identity, const Service& service) {
  base::Confinement c;
  c.user = identity.user;
  c.calls = allowed_calls(service);
  c.who = "gnomon-refclock";
  c.mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::refclock
