// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/sandbox.hpp"

#include <linux/capability.h>
#include <linux/rtc.h>
#include <unistd.h>

#include <ctime>

namespace gnomon::clock {

namespace {

using base::argument_is;
using base::int_argument_is;

// Read and set the one clock, hear of its seconds.
void allow_rtc(std::vector<base::AllowedCall>& calls, int rtc) {
  for (const std::uint64_t request : {std::uint64_t{RTC_UIE_ON}, std::uint64_t{RTC_UIE_OFF},
                                      std::uint64_t{RTC_RD_TIME}, std::uint64_t{RTC_SET_TIME}})
    calls.push_back({"ioctl", {int_argument_is(0, rtc), argument_is(1, request)}});
  calls.push_back({"read", {int_argument_is(0, rtc)}});
}

// Talk on the channel, wait, turn the system clock and no other, complain, end. No memory, no files, no
// sockets.
std::vector<base::AllowedCall> allowed_calls() {
  return {{"recvmsg", {int_argument_is(0, ipc::role_channel_fd)}},
          {"sendmsg"},  // to the core, and to the journal where there is one
          {"ppoll", {argument_is(1, 2)}},
          {"clock_adjtime", {int_argument_is(0, CLOCK_REALTIME)}},
          {"clock_gettime"},
          {"write", {int_argument_is(0, STDERR_FILENO)}},
          {"close"},            // a descriptor that came where none may
          {"restart_syscall"},  // how the kernel takes up a wait after a stop
          {"exit_group"}};
}

}  // namespace

base::Confinement confinement(const ipc::ClockSetup& setup) {
  base::Confinement c;
  c.user = setup.identity.user;
  c.lock_memory = setup.identity.lock_memory;
  c.keep = base::capability(CAP_SYS_TIME);
  c.calls = allowed_calls();
  if (setup.rtc.tracked && setup.rtc.fd >= 0) allow_rtc(c.calls, setup.rtc.fd);
  c.who = "gnomon-clock";
  c.mode = setup.identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::clock
