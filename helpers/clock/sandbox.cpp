// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/sandbox.hpp"

#include <linux/capability.h>
#include <unistd.h>

#include <ctime>

namespace gnomon::clock {

namespace {

using base::argument_is;
using base::int_argument_is;

// Talk on the channel, wait, turn the system clock and no other, complain, end. No memory, no files, no
// sockets.
std::vector<base::AllowedCall> allowed_calls() {
  return {{"recvmsg", {int_argument_is(0, ipc::role_channel_fd)}},
          {"sendmsg"},  // to the core, and to the journal where there is one
          {"ppoll", {argument_is(1, 1)}},
          {"clock_adjtime", {int_argument_is(0, CLOCK_REALTIME)}},
          {"clock_gettime"},
          {"write", {int_argument_is(0, STDERR_FILENO)}},
          {"close"},            // a descriptor that came where none may
          {"restart_syscall"},  // how the kernel takes up a wait after a stop
          {"exit_group"}};
}

}  // namespace

base::Confinement confinement(const ipc::RoleIdentity& identity) {
  base::Confinement c;
  c.user = identity.user;
  c.lock_memory = identity.lock_memory;
  c.keep = base::capability(CAP_SYS_TIME);
  c.calls = allowed_calls();
  c.who = "gnomon-clock";
  c.mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::clock
