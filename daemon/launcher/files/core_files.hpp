// SPDX-License-Identifier: GPL-2.0-or-later
// Files that the core writes or reads but cannot open: log files, and what `tempcomp` reads. They are opened
// with the rights of the core's user, and only those that the configuration names. Owned by the supervisor.
#pragma once

#include <expected>
#include <map>
#include <string>

#include "base/os/fd.hpp"
#include "base/os/file_user.hpp"
#include "base/os/regular_file.hpp"
#include "config/config.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::launcher {

class CoreFiles {
 public:
  CoreFiles(const config::Config& config, const std::string& user);

  // A log file is made if there is none; a link in its place is not followed, as chronyd's are not. The error
  // is the reason, in words.
  [[nodiscard]] std::expected<base::Fd, std::string> open(ipc::FileKind kind) const;

 private:
  [[nodiscard]] std::string why(const std::string& path, const base::NotOpened& refusal) const;

  std::map<ipc::FileKind, std::string> paths_;
  std::string user_name_;
  base::FileUser user_;
};

}  // namespace gnomon::launcher
