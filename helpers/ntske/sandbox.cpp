// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/sandbox.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <vector>

#include "base/os/credentials.hpp"
#include "base/os/sandbox.hpp"

namespace gnomon::ntske {
namespace {

using base::AllowedCall;
using base::argument_is;
using base::argument_lacks;
using base::int_argument_is;

// Both roles: memory, time, the sockets they have, and Asio's epoll and timer descriptors, made before.
const std::vector<AllowedCall> both_roles{
    {"brk"},
    {"mmap", {argument_lacks(2, PROT_EXEC)}},
    {"mprotect", {argument_lacks(2, PROT_EXEC)}},
    {"mremap"},
    {"munmap"},
    {"madvise"},
    {"futex"},
    {"getrandom"},
    {"clock_gettime"},
    {"clock_nanosleep"},
    {"read"},
    {"write"},
    {"writev"},
    {"recvfrom"},
    {"recvmsg"},
    {"sendto"},
    {"sendmsg"},
    {"close"},
    {"shutdown"},
    {"epoll_wait"},
    {"epoll_pwait"},
    {"epoll_ctl"},
    {"timerfd_settime"},
    {"poll"},
    {"ppoll"},
    {"getsockopt"},
    {"setsockopt"},
    {"getsockname"},
    {"getpeername"},
    {"ioctl", {argument_is(1, FIONBIO)}},
    {"fcntl", {int_argument_is(1, F_GETFL)}},
    {"fcntl", {int_argument_is(1, F_SETFL)}},
    // wolfSSL opens /dev/urandom for each generator; Landlock leaves nothing else to open.
    {"openat", {argument_lacks(2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)}},
    {"fstat"},
    {"newfstatat"},
    {"lseek"},
    // abort() and the end.
    {"getpid"},
    {"gettid"},
    {"tgkill"},
    {"rt_sigaction"},
    {"rt_sigprocmask"},
    {"rt_sigreturn"},
    {"restart_syscall"},
    {"exit"},
    {"exit_group"},
};
const std::vector<AllowedCall> server_only{{"accept"}, {"accept4"}};
// SOCK_STREAM may come with flags: the type is in the low four bits.
const std::vector<AllowedCall> client_only{
    {"socket", {int_argument_is(0, AF_INET), {1, SOCK_STREAM, 0xf}}},
    {"socket", {int_argument_is(0, AF_INET6), {1, SOCK_STREAM, 0xf}}},
    {"bind"},
    {"connect"},
};

base::LandlockRules files_and_ports(KeRole role) {
  base::LandlockRules rules{.paths = {{"/dev/urandom", base::PathRights::read}}};
  if (role == KeRole::client) {
    rules.bind_ports = {{0}};            // bindacqaddress
    rules.connect_ports = std::nullopt;  // ntsport of any source, which a reload may add
  }
  return rules;
}

std::vector<AllowedCall> calls(KeRole role) {
  auto all = both_roles;
  const auto& own = role == KeRole::server ? server_only : client_only;
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace

std::expected<void, std::string> confine(KeRole role, const ipc::RoleIdentity& identity) {
  if (const auto dropped = base::drop_privileges(identity.user); !dropped)
    return std::unexpected("cannot give up privileges: " + base::to_string(dropped.error()));
  if constexpr (!base::sandbox_possible) return {};
  if (const auto landlock = base::install_landlock(files_and_ports(role)); !landlock)
    return std::unexpected("cannot confine file access: " + base::to_string(landlock.error()));
  const auto mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  if (const auto filter = base::install_seccomp(calls(role), mode); !filter)
    return std::unexpected("cannot confine system calls: " + base::to_string(filter.error()));
  return {};
}

}  // namespace gnomon::ntske
