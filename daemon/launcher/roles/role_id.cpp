// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_id.hpp"

#include <csignal>
#include <cstring>

#include <fmt/format.h>

namespace gnomon::launcher {

std::string program_name(Program program) {
  switch (program) {
    case Program::core:
      return "gnomon-core";
    case Program::clock:
      return "gnomon-clock";
    case Program::resolve:
      return "gnomon-resolve";
    case Program::refclock:
      return "gnomon-refclock";
    case Program::metrics:
      return "gnomon-metrics";
    case Program::ke_client:
    case Program::ke_server:
      return "gnomon-ntske";
  }
  return "gnomon";
}

std::string to_string(const RoleId& role) {
  if (role.program == Program::ke_client) return "gnomon-ntske (client)";
  if (role.program == Program::ke_server) return fmt::format("gnomon-ntske (server {})", role.index + 1);
  return program_name(role.program);
}

std::string to_string(const RoleEnd& end) {
  if (!end.killed) return fmt::format("exited with status {}", end.value);
  if (end.value == SIGSYS)
    return "was killed by SIGSYS, for a system call that its sandbox does not allow (the kernel's log has "
           "its number: `journalctl -k -g type=1326`; `gnomond -F -1` names it here and carries it out)";
  if (end.value == SIGSEGV)
    return "was killed by SIGSEGV, for a fault of its own or because its stack was full (256 KiB are enough "
           "for it; `ulimit -s` or LimitSTACK= leaves it less than the usual 8 MiB)";
  const char* name = sigabbrev_np(end.value);
  return name != nullptr ? fmt::format("was killed by SIG{}", name)
                         : fmt::format("was killed by signal {}", end.value);
}

}  // namespace gnomon::launcher
