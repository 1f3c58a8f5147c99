// SPDX-License-Identifier: GPL-2.0-or-later
// Brings the messages of the roles into the file of -l: they write to a pipe, and gnomond alone has the file
// open. So it can open it again when logs are rotated, and a full or slow disk holds no role up.
#pragma once

#include <expected>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::launcher {

class LogRelay {
 public:
  [[nodiscard]] static base::OsResult<LogRelay> make();

  // Standard output and error of the roles. What does not fit in is lost: nobody waits for the disk.
  [[nodiscard]] int entry() const { return entry_.get(); }
  [[nodiscard]] int exit() const { return exit_.get(); }  // readable when there is something to pass on
  // What is there now, to that descriptor.
  void pass_on(int target) const;

 private:
  base::Fd entry_;
  base::Fd exit_;
};

}  // namespace gnomon::launcher
