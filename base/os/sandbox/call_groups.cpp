// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/sandbox/call_groups.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace gnomon::base {

namespace {

constexpr std::uint64_t socket_type_bits = 0xf;  // above are SOCK_CLOEXEC and the like

// Without it the kernel has transports of its own behind each kind (MPTCP, SMC, SCTP, L2TP, ping), loads
// modules for them, and does not hold all of them to Landlock's rules for TCP.
std::vector<int> protocols_of(int family, int type) {
  if (family != AF_INET && family != AF_INET6) return {0};
  return {0, type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP};
}

CallList option_calls(const char* call, std::initializer_list<SocketOption> options) {
  CallList calls;
  for (const auto& option : options)
    calls.push_back({call, {int_argument_is(1, option.level), int_argument_is(2, option.name)}});
  return calls;
}

}  // namespace

void add_calls(CallList& to, const CallList& more) {
  to.insert(to.end(), more.begin(), more.end());
}

void add_calls(CallList& to, std::initializer_list<const char*> names) {
  for (const char* const name : names) to.push_back({name});
}

CallList heap_calls() {
  return {{"brk"},
          {"mmap", {int_argument_lacks(2, PROT_EXEC), {3, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
          {"mprotect", {int_argument_lacks(2, PROT_EXEC)}},
          {"mremap"},
          {"munmap"},
          {"madvise", {int_argument_is(2, MADV_DONTNEED)}}};
}

CallList time_zone_calls() {
  return {{"fstat"}, {"newfstatat"}, {"statx"}, {"lseek"}};  // statx: loongarch64 has no other
}

CallList thread_calls() {
  return {{"futex"},
          {"sched_yield"},
          {"getpid"},
          {"gettid"},
          {"tgkill", {int_argument_is(0, getpid())}},
          {"rt_sigaction", {int_argument_is(0, SIGABRT)}},
          {"rt_sigprocmask"},
          {"restart_syscall"},  // how the kernel takes up a wait after a stop
          {"exit"},
          {"exit_group"}};
}

CallList event_loop_calls() {
  return {{"epoll_wait"},
          {"epoll_pwait"},
          {"epoll_ctl"},
          {"timerfd_settime"},
          {"poll"},
          {"ppoll"},
          {"ioctl", {int_argument_is(1, FIONBIO)}},
          {"fcntl", {int_argument_is(1, F_GETFL)}}};
}

CallList socket_calls(std::initializer_list<int> families, std::initializer_list<int> types) {
  CallList calls;
  for (const int family : families)
    for (const int type : types)
      for (const int protocol : protocols_of(family, type))
        calls.push_back({"socket",
                         {int_argument_is(0, family),
                          {1, static_cast<std::uint64_t>(type), socket_type_bits},
                          int_argument_is(2, protocol)}});
  return calls;
}

CallList calls_with_other(const char* name, unsigned index, unsigned bits, std::initializer_list<int> values,
                          const std::vector<ArgumentRule>& more) {
  CallList calls;
  // All values that begin alike, as long as none of `values` does; else both halves.
  const auto add = [&](const auto& self, std::uint64_t start, unsigned free_bits) -> void {
    const auto all = (std::uint64_t{1} << bits) - 1;
    const auto mask = all >> free_bits << free_bits;
    const auto begins_so = [&](int value) { return (static_cast<std::uint64_t>(value) & mask) == start; };
    if (std::ranges::none_of(values, begins_so)) {
      auto rules = more;
      rules.push_back({index, start, mask});
      calls.push_back({name, std::move(rules)});
    } else if (free_bits > 0) {
      self(self, start, free_bits - 1);
      self(self, start | std::uint64_t{1} << (free_bits - 1), free_bits - 1);
    }
  };
  add(add, 0, bits);
  return calls;
}

CallList setsockopt_calls(std::initializer_list<SocketOption> options) {
  return option_calls("setsockopt", options);
}

CallList getsockopt_calls(std::initializer_list<SocketOption> options) {
  return option_calls("getsockopt", options);
}

}  // namespace gnomon::base
