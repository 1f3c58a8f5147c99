// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/resolve/sandbox.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <initializer_list>

#include "base/os/sandbox/call_groups.hpp"

namespace gnomon::resolve {

namespace {

using base::argument_lacks;
using base::CallList;
using base::int_argument_is;
using base::int_argument_lacks;
using base::PathRights;

// Reads files and looks around, asks over any socket; changes nothing.
constexpr std::initializer_list<const char*> plain_calls{
    // sockets
    "recvmsg", "recvfrom", "recvmmsg", "sendmsg", "sendto", "sendmmsg", "connect", "bind", "getsockname",
    "getpeername", "getsockopt", "setsockopt", "shutdown", "poll", "ppoll", "select", "pselect6",
    // files. write: DNS over TCP; no file can be opened for it
    "read", "readv", "pread64", "write", "writev", "lseek", "close", "fstat", "newfstatat", "statx", "statfs",
    "fstatfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64",
    // memory
    "brk", "munmap", "mremap", "madvise",
    // time
    "clock_gettime", "clock_getres", "clock_nanosleep", "gettimeofday", "nanosleep",
    // who and where we are
    "getrandom", "uname", "getuid", "geteuid", "getgid", "getegid", "sysinfo", "sched_getaffinity"};

// None that it was given, the journal among them: standard error may be a log that is appended to, which
// F_SETFL would change.
constexpr base::ArgumentRule own_descriptor{
    .index = 0, .value = 0, .mask = ~std::uint32_t{3}, .differs = true};

// The system's resolver loads modules (nsswitch.conf) and lets them work here: the widest of the lists, for
// the one process that holds nothing worth stealing. What they load is not written to, and what is written
// is not executed.
CallList allowed_calls(bool unix_sockets) {
  auto calls = base::thread_calls();
  base::add_calls(calls, plain_calls);
  base::add_calls(calls, base::socket_calls({AF_INET, AF_INET6}, {SOCK_DGRAM, SOCK_STREAM}));
  if (unix_sockets)
    base::add_calls(calls, base::socket_calls({AF_UNIX}, {SOCK_DGRAM, SOCK_STREAM, SOCK_SEQPACKET}));
  base::add_calls(calls, base::socket_calls({AF_NETLINK}, {SOCK_DGRAM, SOCK_RAW}));
  calls.push_back({"mmap", {int_argument_lacks(2, PROT_EXEC)}});
  calls.push_back({"mmap", {{2, PROT_EXEC, PROT_EXEC | PROT_WRITE}}});
  calls.push_back({"mprotect", {int_argument_lacks(2, PROT_EXEC)}});
  calls.push_back({"prlimit64", {int_argument_is(0, 0), base::argument_is(2, 0)}});  // asks, of itself
  for (const int request : {FIONREAD, FIONBIO, SIOCGIFINDEX})                        // the last: fe80::1%eth0
    calls.push_back({"ioctl", {int_argument_is(1, request)}});
  for (const int command : {F_GETFD, F_SETFD, F_GETFL})
    calls.push_back({"fcntl", {int_argument_is(1, command)}});
  for (const int command : {F_SETFL, F_DUPFD_CLOEXEC})
    calls.push_back({"fcntl", {int_argument_is(1, command), own_descriptor}});
  constexpr auto writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  calls.push_back({"openat", {argument_lacks(2, writing)}});
  calls.push_back({"open", {argument_lacks(1, writing)}});
  return calls;
}

// No module asks for these, with what it may look for besides: whoever does has taken the process over.
constexpr std::initializer_list<const char*> never_made{"execve",
                                                        "execveat",
                                                        "fork",
                                                        "vfork",
                                                        "ptrace",
                                                        "kill",
                                                        "tkill",
                                                        "rt_sigqueueinfo",
                                                        "rt_tgsigqueueinfo",
                                                        "process_vm_readv",
                                                        "process_vm_writev",
                                                        "pidfd_send_signal",
                                                        "pidfd_getfd",
                                                        "setuid",
                                                        "setgid",
                                                        "setreuid",
                                                        "setregid",
                                                        "setresuid",
                                                        "setresgid",
                                                        "setgroups",
                                                        "setfsuid",
                                                        "setfsgid",
                                                        "capset",
                                                        "seccomp",
                                                        "listen",
                                                        "creat",
                                                        "truncate",
                                                        "ftruncate",
                                                        "unlink",
                                                        "unlinkat",
                                                        "rename",
                                                        "renameat",
                                                        "renameat2",
                                                        "mkdir",
                                                        "mkdirat",
                                                        "rmdir",
                                                        "link",
                                                        "linkat",
                                                        "symlink",
                                                        "symlinkat",
                                                        "chmod",
                                                        "fchmod",
                                                        "fchmodat",
                                                        "chown",
                                                        "fchown",
                                                        "lchown",
                                                        "fchownat",
                                                        "setxattr",
                                                        "memfd_create",
                                                        "sched_setscheduler",
                                                        "sched_setparam",
                                                        "sched_setattr",
                                                        "setpriority",
                                                        "clock_adjtime",
                                                        "clock_adjtime64"};

// A module that needs more than this has no answer; that must not keep the others from having one.
base::OtherCalls other_calls() {
  base::OtherCalls others{.fail = true};
  base::add_calls(others.deadly, never_made);
  others.deadly.push_back({"mmap", {{2, PROT_EXEC | PROT_WRITE, PROT_EXEC | PROT_WRITE}}});
  others.deadly.push_back({"mprotect", {{2, PROT_EXEC, PROT_EXEC}}});
  return others;
}

std::vector<base::AllowedPath> allowed_paths(const NameFiles& files) {
  std::vector<base::AllowedPath> paths;
  for (const auto& path : files.to_read()) paths.push_back({path, PathRights::read});
  // The modules, and what they need to work: libraries, and the guests that libvirt knows.
  for (const char* const path : {"/usr/lib", "/lib", "/usr/lib64", "/lib64", "/usr/local/lib", "/nix/store",
                                 "/gnu/store", "/var/lib/libvirt/dnsmasq"})
    paths.push_back({path, PathRights::read});
  return paths;
}

}  // namespace

base::Confinement confinement(const ipc::RoleIdentity& identity, const NameFiles& files) {
  base::Confinement c;
  c.user = identity.user;
  c.lock_memory = identity.lock_memory;
  c.files.paths = allowed_paths(files);
  c.files.connect_ports.reset();  // DNS over TCP goes to whatever port resolv.conf and the modules use
  // Where it stays root, to which every service and our own control socket listen, it speaks to none of them.
  const bool stays_root = geteuid() == 0 && identity.user.empty();
  c.calls = allowed_calls(files.need_unix_sockets() && !stays_root);
  c.others = other_calls();
  c.who = "gnomon-resolve";
  c.mode = identity.report_only ? base::SandboxMode::report : base::SandboxMode::enforce;
  return c;
}

}  // namespace gnomon::resolve
