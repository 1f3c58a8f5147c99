// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/sandbox.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/os/credentials.hpp"
#include "daemon/core/leap_store.hpp"

namespace gnomon::core {

namespace {

using base::AllowedCall;
using base::int_argument_is;

constexpr base::ArgumentRule datagram_socket{1, SOCK_DGRAM, 0xf};

constexpr std::array plain_calls{
    // memory and threads
    "brk", "mremap", "munmap", "madvise", "futex", "sched_yield", "getpid", "gettid", "tgkill",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "restart_syscall", "exit", "exit_group",
    // time and waiting
    "clock_gettime", "clock_nanosleep", "epoll_wait", "epoll_pwait", "epoll_ctl", "timerfd_settime", "poll",
    "ppoll",
    // sockets that were inherited, what they accept, and UDP to the servers
    "bind", "connect", "accept", "accept4", "shutdown", "getsockname", "getpeername", "getsockopt",
    "setsockopt", "recvfrom", "recvmsg", "recvmmsg", "sendto", "sendmsg", "sendmmsg",
    // files, within what Landlock leaves
    "openat", "close", "read", "readv", "write", "writev", "lseek", "fstat", "newfstatat", "getdents64",
    "ftruncate", "rename", "renameat", "renameat2", "unlink", "unlinkat", "fchmod", "fsync", "fdatasync",
    "getrandom"};

std::vector<AllowedCall> allowed_calls() {
  std::vector<AllowedCall> calls{
      {"mmap", {base::argument_lacks(2, PROT_EXEC)}},  // nothing executable
      {"mprotect", {base::argument_lacks(2, PROT_EXEC)}},
      {"socket", {int_argument_is(0, AF_INET), datagram_socket}},
      {"socket", {int_argument_is(0, AF_INET6), datagram_socket}},
      {"ioctl", {int_argument_is(1, FIONBIO)}},
      {"fcntl", {int_argument_is(1, F_GETFL)}},
      {"fcntl", {int_argument_is(1, F_SETFL)}},
      {"fcntl", {int_argument_is(1, F_SETFD)}},
  };
  for (const char* const name : plain_calls) calls.push_back({.name = name});
  return calls;
}

void add(std::vector<base::AllowedPath>& paths, const std::string& directory, base::PathRights rights) {
  if (!directory.empty()) paths.push_back({.path = directory, .rights = rights});
}

base::LandlockRules file_rules(const config::Config& config) {
  base::LandlockRules rules;
  add(rules.paths, config.nts.dump_dir, base::PathRights::read_write);
  add(rules.paths, config.process.dump_dir, base::PathRights::read_write);
  if (!config.clock.drift_file.empty())
    add(rules.paths, std::filesystem::path{config.clock.drift_file}.parent_path(),
        base::PathRights::read_write);
  // The folders, since a new file takes the old one's place; and where a link leads.
  for (const std::filesystem::path path : LeapStore::paths(config.clock)) {
    std::error_code none;
    add(rules.paths, path.parent_path(), base::PathRights::read);
    add(rules.paths, std::filesystem::weakly_canonical(path, none).parent_path(), base::PathRights::read);
  }
  for (const auto& group : config.process.source_dirs)
    for (const auto& directory : group) add(rules.paths, directory, base::PathRights::read);
  return rules;
}

template <class T>
void require(const base::OsResult<T>& done) {
  if (!done) throw std::system_error{done.error().code, std::generic_category(), done.error().call};
}

}  // namespace

void give_up_privileges(const ipc::RoleIdentity& identity, const config::Config& config) {
  require(base::drop_privileges(identity.user));
  if (base::sandbox_possible && !identity.report_only) require(base::install_landlock(file_rules(config)));
}

void forbid_system_calls(const ipc::RoleIdentity& identity) {
  if (!base::sandbox_possible) return;
  const auto mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  require(base::install_seccomp(allowed_calls(), mode));
}

}  // namespace gnomon::core
