// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/sandbox.hpp"

#include <linux/capability.h>
#include <unistd.h>

#include <ctime>

namespace gnomon::clock {

namespace {

using base::int_argument_is;

// Talk on the channel, wait, turn the system clock and no other, complain, end. No memory, no files, no
// sockets.
std::vector<base::AllowedCall> allowed_calls() {
  return {
      {"recvmsg"},       {"sendmsg"},
      {"ppoll"},         {"clock_adjtime", {int_argument_is(0, CLOCK_REALTIME)}},
      {"clock_gettime"}, {"write", {int_argument_is(0, STDERR_FILENO)}},
      {"close"},         {"exit_group"},
      {"rt_sigreturn"},  {"restart_syscall"},
  };
}

}  // namespace

base::Confinement confinement(const ipc::RoleIdentity& identity) {
  base::Confinement c;
  c.user = identity.user;
  c.keep = base::capability(CAP_SYS_TIME);
  c.calls = allowed_calls();
  c.mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::clock
