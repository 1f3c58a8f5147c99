// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/programs.hpp"

#include <fcntl.h>

#include <system_error>
#include <utility>

namespace gnomon::launcher {
namespace {

std::filesystem::path folder_in_build(Program program) {
  switch (program) {
    case Program::core:
      return "daemon/core";
    case Program::clock:
      return "helpers/clock";
    case Program::resolve:
      return "helpers/resolve";
    case Program::refclock:
      return "helpers/refclock";
    case Program::metrics:
      return "helpers/metrics";
    case Program::ke_client:
    case Program::ke_server:
      return "helpers/ntske";
  }
  return {};
}

}  // namespace

Programs::Programs(const std::filesystem::path& own, std::filesystem::path installed)
    : installed_(std::move(installed)) {
  const auto folder = own.parent_path();
  std::error_code ignored;
  if (std::filesystem::exists(folder / program_name(Program::core), ignored)) installed_ = folder;
  if (folder.filename() != "launcher" || folder.parent_path().filename() != "daemon") return;
  const auto root = folder.parent_path().parent_path();
  if (std::filesystem::exists(root / folder_in_build(Program::core) / program_name(Program::core), ignored))
    build_root_ = root;
}

std::string Programs::path_of(Program program) const {
  const auto folder = build_root_.empty() ? installed_ : build_root_ / folder_in_build(program);
  return folder / program_name(program);
}

void Programs::hold_files() {
  for (const auto program : program_files)
    files_[program] = base::Fd{open(path_of(program).c_str(), O_PATH | O_CLOEXEC)};
}

int Programs::file_of(Program program) const {
  const auto found = files_.find(program == Program::ke_server ? Program::ke_client : program);
  return found == files_.end() ? -1 : found->second.get();
}

std::expected<Programs, std::string> find_programs() {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error)
    return std::unexpected("Could not find where gnomond is: /proc/self/exe: " + error.message() +
                           "; is /proc mounted?");
  Programs programs{own, GNOMON_LIBEXEC_DIR};
  programs.hold_files();
  return programs;
}

}  // namespace gnomon::launcher
