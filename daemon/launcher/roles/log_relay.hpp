// SPDX-License-Identifier: GPL-2.0-or-later
// Brings the messages of the roles into the file of -l or to syslog: each program writes to a pipe of its
// own, and gnomond alone has the file or the socket. So it can open it again when logs are rotated or syslog
// is started anew, a full or slow disk holds no role up, and what one of them writes is told from what others
// do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/time.hpp"
#include "daemon/launcher/roles/role_id.hpp"
#include "daemon/launcher/roles/role_lines.hpp"

namespace gnomon::launcher {

class LogRelay {
 public:
  // What begins a line: timed, or levels; then there is a pipe for gnomond's own messages as well.
  [[nodiscard]] static base::OsResult<LogRelay> make(base::LogFormat head = base::LogFormat::timed);

  // Standard output and error of a program. What does not fit in is lost: nobody waits for the disk.
  [[nodiscard]] int entry(Program program) const;
  [[nodiscard]] int own_entry() const;           // gnomond's; -1: it has none
  [[nodiscard]] std::vector<int> exits() const;  // one is readable when there is something to pass on
  // What is there now, as lines.
  [[nodiscard]] std::string take(base::MonoTime now);

 private:
  struct Pipe {
    std::optional<Program> program;  // nullopt: gnomond
    base::Fd entry;
    base::Fd exit;
    RoleLines lines;
  };

  [[nodiscard]] base::OsResult<void> add(std::optional<Program> program, RoleLines lines);
  [[nodiscard]] int entry_of(std::optional<Program> program) const;

  std::vector<Pipe> pipes_;
};

}  // namespace gnomon::launcher
