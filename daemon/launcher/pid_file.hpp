// SPDX-License-Identifier: GPL-2.0-or-later
// The pid file: keeps a second daemon with the same configuration away, and tells init scripts whom to
// signal.
#pragma once

#include <sys/types.h>

#include <expected>
#include <optional>
#include <string>

namespace gnomon::launcher {

// Which living process the file names; none: no file, no number in it, or a process that is gone.
[[nodiscard]] std::optional<pid_t> running_process(const std::string& path);

// Removes the file when it goes out of scope, if it still names this process.
class PidFile {
 public:
  // Writes the number of this process; error: the system's reason.
  [[nodiscard]] static std::expected<PidFile, std::string> write(const std::string& path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  explicit PidFile(std::string path);
  std::string path_;
};

}  // namespace gnomon::launcher
