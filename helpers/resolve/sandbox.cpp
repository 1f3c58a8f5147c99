// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/sandbox.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstdlib>

namespace gnomon::resolve {

namespace {

using base::AllowedCall;
using base::argument_lacks;
using base::int_argument_is;
using base::PathRights;

// Calls allowed with any arguments.
constexpr const char* plain_calls[] = {"recvmsg",
                                       "recvfrom",
                                       "recvmmsg",
                                       "sendmsg",
                                       "sendto",
                                       "sendmmsg",
                                       "connect",
                                       "bind",
                                       "getsockname",
                                       "getpeername",
                                       "getsockopt",
                                       "setsockopt",
                                       "shutdown",
                                       "poll",
                                       "ppoll",
                                       "select",
                                       "pselect6",
                                       "read",
                                       "readv",
                                       "pread64",
                                       "lseek",
                                       "close",
                                       "fstat",
                                       "newfstatat",
                                       "statx",
                                       "statfs",
                                       "fstatfs",
                                       "access",
                                       "faccessat",
                                       "faccessat2",
                                       "readlink",
                                       "readlinkat",
                                       "getdents64",
                                       "fcntl",
                                       "brk",
                                       "mmap",
                                       "mprotect",
                                       "munmap",
                                       "mremap",
                                       "madvise",
                                       "futex",
                                       "clock_gettime",
                                       "clock_getres",
                                       "clock_nanosleep",
                                       "gettimeofday",
                                       "nanosleep",
                                       "getrandom",
                                       "uname",
                                       "getpid",
                                       "gettid",
                                       "getuid",
                                       "geteuid",
                                       "getgid",
                                       "getegid",
                                       "rt_sigaction",
                                       "rt_sigprocmask",
                                       "rt_sigreturn",
                                       "restart_syscall",
                                       "sysinfo",
                                       "sched_yield",
                                       "sched_getaffinity",
                                       "prlimit64",
                                       "exit",
                                       "exit_group"};

// The system's resolver loads modules (nsswitch.conf) and lets them work here: the widest of the lists, for
// the one process that holds nothing worth stealing.
std::vector<AllowedCall> allowed_calls() {
  std::vector<AllowedCall> calls;
  calls.reserve(std::size(plain_calls) + 12);
  for (const char* const name : plain_calls) calls.push_back({name});
  for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK})
    calls.push_back({"socket", {int_argument_is(0, family)}});
  calls.push_back({"ioctl", {int_argument_is(1, FIONREAD)}});
  calls.push_back({"ioctl", {int_argument_is(1, FIONBIO)}});
  calls.push_back({"ioctl", {int_argument_is(1, SIOCGIFINDEX)}});  // fe80::1%eth0
  calls.push_back({"openat", {argument_lacks(2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)}});
  calls.push_back({"open", {argument_lacks(1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)}});
  // To any descriptor: DNS over TCP is written so, and no file can be opened for writing.
  calls.push_back({"write"});
  calls.push_back({"writev"});
  return calls;
}

// Where /etc/resolv.conf really is. The folder, because the file is replaced when the network changes.
std::string resolver_folder() {
  char* const real = realpath("/etc/resolv.conf", nullptr);
  if (real == nullptr) return "/etc";
  const std::string path{real};
  std::free(real);  // NOLINT: malloc'ed by realpath
  return path.substr(0, path.rfind('/') + 1);
}

std::vector<base::AllowedPath> allowed_paths() {
  std::vector<base::AllowedPath> paths;
  for (const char* const path : {"/etc", "/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf",
                                 "/run/connman", "/run/nscd", "/var/lib/extrausers"})
    paths.push_back({path, PathRights::read});
  if (const auto folder = resolver_folder(); folder != "/") paths.push_back({folder, PathRights::read});
  for (const char* const path : {"/usr/lib", "/lib", "/usr/lib64", "/lib64"})
    paths.push_back({path, PathRights::read_execute});
  return paths;
}

}  // namespace

base::Confinement confinement(const ipc::RoleIdentity& identity) {
  base::Confinement c;
  c.user = identity.user;
  c.files.paths = allowed_paths();
  c.files.connect_ports.reset();  // DNS over TCP goes to whatever port resolv.conf and the modules use
  c.calls = allowed_calls();
  c.mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::resolve
