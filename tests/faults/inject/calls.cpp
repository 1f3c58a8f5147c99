// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/faults/inject/calls.hpp"

#include <sys/syscall.h>

#include <algorithm>
#include <array>

namespace gnomon::faults {

namespace {

struct Call {
  std::string_view name;
  long number;
};

// Not memory, futexes, signals and the clock: nothing but the end of the process can follow there.
constexpr std::array calls{
    Call{"open", SYS_open},
    Call{"openat", SYS_openat},
    Call{"close", SYS_close},
    Call{"read", SYS_read},
    Call{"readv", SYS_readv},
    Call{"pread64", SYS_pread64},
    Call{"write", SYS_write},
    Call{"writev", SYS_writev},
    Call{"lseek", SYS_lseek},
    Call{"fstat", SYS_fstat},
    Call{"newfstatat", SYS_newfstatat},
    Call{"readlink", SYS_readlink},
    Call{"getdents64", SYS_getdents64},
    Call{"fsync", SYS_fsync},
    Call{"fdatasync", SYS_fdatasync},
    Call{"ftruncate", SYS_ftruncate},
    Call{"rename", SYS_rename},
    Call{"unlink", SYS_unlink},
    Call{"unlinkat", SYS_unlinkat},
    Call{"mkdir", SYS_mkdir},
    Call{"chmod", SYS_chmod},
    Call{"fchmod", SYS_fchmod},
    Call{"chown", SYS_chown},
    Call{"fchown", SYS_fchown},
    Call{"fcntl", SYS_fcntl},
    Call{"memfd_create", SYS_memfd_create},
    Call{"dup2", SYS_dup2},
    Call{"pipe2", SYS_pipe2},
    Call{"socket", SYS_socket},
    Call{"socketpair", SYS_socketpair},
    Call{"bind", SYS_bind},
    Call{"listen", SYS_listen},
    Call{"connect", SYS_connect},
    Call{"accept", SYS_accept},
    Call{"accept4", SYS_accept4},
    Call{"shutdown", SYS_shutdown},
    Call{"getsockname", SYS_getsockname},
    Call{"getpeername", SYS_getpeername},
    Call{"getsockopt", SYS_getsockopt},
    Call{"setsockopt", SYS_setsockopt},
    Call{"sendto", SYS_sendto},
    Call{"sendmsg", SYS_sendmsg},
    Call{"sendmmsg", SYS_sendmmsg},
    Call{"recvfrom", SYS_recvfrom},
    Call{"recvmsg", SYS_recvmsg},
    Call{"recvmmsg", SYS_recvmmsg},
    Call{"ioctl", SYS_ioctl},
    Call{"poll", SYS_poll},
    Call{"ppoll", SYS_ppoll},
    Call{"epoll_create1", SYS_epoll_create1},
    Call{"epoll_ctl", SYS_epoll_ctl},
    Call{"epoll_wait", SYS_epoll_wait},
    Call{"epoll_pwait", SYS_epoll_pwait},
    Call{"eventfd2", SYS_eventfd2},
    Call{"timerfd_create", SYS_timerfd_create},
    Call{"timerfd_settime", SYS_timerfd_settime},
    Call{"signalfd4", SYS_signalfd4},
    Call{"pidfd_open", SYS_pidfd_open},
    Call{"pidfd_send_signal", SYS_pidfd_send_signal},
    Call{"waitid", SYS_waitid},
    Call{"vfork", SYS_vfork},
    Call{"clone3", SYS_clone3},
    Call{"execve", SYS_execve},
    Call{"prctl", SYS_prctl},
    Call{"capset", SYS_capset},
    Call{"setgroups", SYS_setgroups},
    Call{"setresgid", SYS_setresgid},
    Call{"setresuid", SYS_setresuid},
    Call{"seccomp", SYS_seccomp},
    Call{"landlock_create_ruleset", SYS_landlock_create_ruleset},
    Call{"landlock_add_rule", SYS_landlock_add_rule},
    Call{"landlock_restrict_self", SYS_landlock_restrict_self},
};

}  // namespace

std::string_view name_of_call(long number) {
  const auto* const at = std::ranges::find(calls, number, &Call::number);
  return at == calls.end() ? std::string_view{} : at->name;
}

std::optional<long> number_of_call(std::string_view name) {
  const auto* const at = std::ranges::find(calls, name, &Call::name);
  return at == calls.end() ? std::nullopt : std::optional{at->number};
}

}  // namespace gnomon::faults
