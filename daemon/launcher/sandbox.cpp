// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sandbox.hpp"

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <span>
#include <system_error>
#include <vector>

#include "base/os/sandbox/call_groups.hpp"

namespace gnomon::launcher {
namespace {

// What neither gnomond nor any role does at any time. An allow-list would have to hold what five programs and
// the C library do from their first instruction on; theirs come when that is over.
constexpr const char* forbidden_names[] = {
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd",
    // programs that are no file with a path, and the ways to make one
    "execveat", "memfd_create", "userfaultfd",
    // the clock, other than by clock_adjtime
    "clock_settime", "settimeofday", "adjtimex", "stime",
    // what is mounted, and other worlds
    "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr", "unshare", "setns", "mknod", "mknodat", "open_by_handle_at",
    // the kernel
    "bpf", "perf_event_open", "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load",
    "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "iopl", "ioperm",
    "modify_ldt", "personality", "sethostname", "setdomainname", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "add_key", "request_key", "keyctl"};

// Raw and packet sockets see and forge packets of others (Internet ones of type SOCK_PACKET are such, too),
// and families that none of us uses lead to seldom used corners of the kernel. Netlink's are raw as well.
std::vector<base::AllowedCall> forbidden_calls() {
  std::vector<base::AllowedCall> calls;
  for (const char* const name : forbidden_names) calls.push_back({.name = name});
  for (const char* const name : {"socket", "socketpair"}) {
    base::add_calls(calls, base::calls_with_other(name, 0, 32, {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK}));
    for (const int family : {AF_INET, AF_INET6})
      base::add_calls(calls, base::calls_with_other(name, 1, 4, {SOCK_STREAM, SOCK_DGRAM},
                                                    {base::int_argument_is(0, family)}));
  }
  return calls;
}

// The program that the kernel runs to load a dynamically linked one.
std::string loader() {
  const auto* const headers =
      reinterpret_cast<const ElfW(Phdr)*>(getauxval(AT_PHDR));  // NOLINT: the kernel's word
  std::uintptr_t base = 0;
  for (const auto& each : std::span{headers, getauxval(AT_PHNUM)}) {
    if (each.p_type == PT_PHDR) base = reinterpret_cast<std::uintptr_t>(headers) - each.p_vaddr;  // NOLINT
    if (each.p_type == PT_INTERP) return reinterpret_cast<const char*>(base + each.p_vaddr);      // NOLINT
  }
  return {};
}

// The loader with its folder, where an update of the C library puts another one. It can run what lies there
// in any case.
std::vector<std::string> executables(const Programs& programs) {
  std::error_code none;
  std::vector<std::string> paths{std::filesystem::weakly_canonical(loader(), none).parent_path()};
  for (const auto program : program_files) paths.push_back(programs.path_of(program));
  return paths;
}

std::unexpected<std::string> failed(const char* what, const base::OsError& error) {
  const char* const remedy =
      error.code == EMFILE ? "; too few files may be open: raise LimitNOFILE= of the service, or `ulimit -n`"
                           : "";
  return std::unexpected(std::string{"Could not confine gnomond ("} + what + "): " + base::to_string(error) +
                         remedy);
}

}  // namespace

std::expected<void, std::string> confine(const Programs& programs, base::SandboxMode mode) {
  if (!base::sandbox_possible) return {};
  if (const auto done = base::execute_only(executables(programs)); !done)
    return failed("Landlock", done.error());
  if (const auto done = base::forbid_calls(forbidden_calls(), mode); !done)
    return failed("seccomp", done.error());
  return {};
}

}  // namespace gnomon::launcher
