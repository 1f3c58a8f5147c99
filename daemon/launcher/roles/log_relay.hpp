// SPDX-License-Identifier: GPL-2.0-or-later
// Brings the messages of the roles into the file of -l: each program writes to a pipe of its own, and gnomond
// alone has the file open. So it can open it again when logs are rotated, a full or slow disk holds no role
// up, and what one of them writes is told from what others do.
#pragma once

#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/time.hpp"
#include "daemon/launcher/roles/role_id.hpp"
#include "daemon/launcher/roles/role_lines.hpp"

namespace gnomon::launcher {

class LogRelay {
 public:
  [[nodiscard]] static base::OsResult<LogRelay> make();

  // Standard output and error of a program. What does not fit in is lost: nobody waits for the disk.
  [[nodiscard]] int entry(Program program) const;
  [[nodiscard]] std::vector<int> exits() const;  // one is readable when there is something to pass on
  // What is there now, to that descriptor.
  void pass_on(int target, base::MonoTime now);

 private:
  struct Pipe {
    Program program{};
    base::Fd entry;
    base::Fd exit;
    RoleLines lines;
  };

  std::vector<Pipe> pipes_;
};

}  // namespace gnomon::launcher
