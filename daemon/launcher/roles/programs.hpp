// SPDX-License-Identifier: GPL-2.0-or-later
// Where the roles' binaries are: in gnomond's own directory or its build directory, otherwise where they are
// installed.
#pragma once

#include <expected>
#include <filesystem>
#include <string>

#include "daemon/launcher/roles/role_id.hpp"

namespace gnomon::launcher {

class Programs {
 public:
  // `own` is gnomond's own file, `installed` the folder of the installed roles.
  Programs(const std::filesystem::path& own, std::filesystem::path installed);
  [[nodiscard]] std::string path_of(Program program) const;  // absolute

 private:
  std::filesystem::path build_root_;  // empty: installed
  std::filesystem::path installed_;
};

// Of this process, from /proc; and as the build has it. An error is a sentence.
[[nodiscard]] std::expected<Programs, std::string> find_programs();

}  // namespace gnomon::launcher
