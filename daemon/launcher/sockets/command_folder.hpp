// SPDX-License-Identifier: GPL-2.0-or-later
// The directory of chrony's command socket. Who may enter it may control the daemon, so it is closed to
// everybody but the daemon's user and the operators.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>

namespace gnomon::launcher {

struct FolderOwners {
  uid_t user = 0;               // whom the core runs as: it has to reach the sockets of those who ask
  std::int64_t operators = -1;  // the group that may enter; -1: there is none
};
// Makes it if it is missing, with mode 01770 where it can be given to the group, else 0700; one that the
// group can enter becomes sticky. Error: the reason, of one that is there and open to others as well.
[[nodiscard]] std::expected<void, std::string> prepare_command_folder(const std::filesystem::path& folder,
                                                                      const FolderOwners& owners);

}  // namespace gnomon::launcher
