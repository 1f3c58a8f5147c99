// SPDX-License-Identifier: GPL-2.0-or-later
// Where the roles' binaries are: in gnomond's own directory or its build directory, otherwise where they are
// installed.
#pragma once

#include <array>
#include <expected>
#include <filesystem>
#include <map>
#include <string>

#include "base/os/fd.hpp"
#include "daemon/launcher/roles/role_id.hpp"

namespace gnomon::launcher {

// One of each file; gnomon-ntske is two roles.
inline constexpr std::array program_files{Program::core,      Program::clock,    Program::resolve,
                                          Program::ke_client, Program::refclock, Program::metrics};

class Programs {
 public:
  // `own` is gnomond's own file, `installed` the folder of the installed roles.
  Programs(const std::filesystem::path& own, std::filesystem::path installed);
  [[nodiscard]] std::string path_of(Program program) const;  // absolute
  // Opens them: what is started later is what was there, also when a package has been upgraded in the
  // meantime.
  void hold_files();
  [[nodiscard]] int file_of(Program program) const;  // -1: not held

 private:
  std::filesystem::path build_root_;  // empty: installed
  std::filesystem::path installed_;
  std::map<Program, base::Fd> files_;
};

// Of this process, from /proc; and as the build has it. An error is a sentence.
[[nodiscard]] std::expected<Programs, std::string> find_programs();

}  // namespace gnomon::launcher
