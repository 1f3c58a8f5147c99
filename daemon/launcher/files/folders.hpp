// SPDX-License-Identifier: GPL-2.0-or-later
// Directories that must exist before the roles lose the right to create them.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <string>

#include "base/os/log.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

// Makes what is missing of the path; a folder made here gets the mode, and as root the owner (empty: ours).
// One that exists is left as it is. Error: the reason.
[[nodiscard]] std::expected<void, std::string> make_folder(const std::filesystem::path& path,
                                                           const std::string& owner, mode_t mode);

// Those of ntsdumpdir, dumpdir, logdir and driftfile. What cannot be made is a warning: the core says what it
// cannot save.
void make_state_folders(const config::Config& config, const std::string& owner, base::Log& log);

}  // namespace gnomon::launcher
