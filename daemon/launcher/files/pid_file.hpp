// SPDX-License-Identifier: GPL-2.0-or-later
// The pid file: prevents a second daemon with the same configuration, and tells init scripts which process to
// signal.
#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>

#include "base/os/fd.hpp"

namespace gnomon::launcher {

// Which daemon the file is of: the number in a file that another process has locked (0: none is in it), or of
// a chronyd that lives. A number alone proves nothing: after a crash, or in a container, another process has
// it.
[[nodiscard]] std::optional<pid_t> running_process(const std::string& path);

// Holds the file locked, and removes it when it goes out of scope, if it still names this process.
class PidFile {
 public:
  // Writes the number of this process; error: the system's reason.
  [[nodiscard]] static std::expected<PidFile, std::string> write(const std::string& path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  PidFile(std::string path, base::Fd file);
  std::string path_;
  base::Fd file_;  // the lock ends with it
};

}  // namespace gnomon::launcher
