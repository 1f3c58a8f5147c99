// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/folders.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::launcher {
namespace {

struct NotMade {
  std::string why;
  int error;
  std::string path;  // the part of it that could not be made
};
using Done = std::expected<void, NotMade>;

std::unexpected<NotMade> no_folder(const base::OsError& error, const std::filesystem::path& path) {
  return std::unexpected(
      NotMade{fmt::format("{}: {}", path.native(), base::to_string(error)), error.code, path.native()});
}

Done give_to(int folder, const std::filesystem::path& path, const std::string& owner) {
  if (owner.empty() || geteuid() != 0) return {};
  const passwd* const account = getpwnam(owner.c_str());
  if (account == nullptr) return no_folder(base::last_error("getpwnam"), path);
  // Root of a container may lack CAP_CHOWN. It stays ours then; who cannot write there says so.
  if (fchown(folder, account->pw_uid, account->pw_gid) != 0 && errno != EPERM)
    return no_folder(base::last_error("chown"), path);
  return {};
}

Done make(const std::filesystem::path& path, const std::string& owner, mode_t mode) {
  std::error_code error;
  if (path.empty() || std::filesystem::is_directory(path, error)) return {};
  if (error && error != std::errc::no_such_file_or_directory) return no_folder({"stat", error.value()}, path);
  // Folders above belong to the system, as mkdir -p would leave them.
  if (auto parent = make(path.parent_path(), "", 0755); !parent) return parent;
  if (mkdir(path.c_str(), mode) != 0) return no_folder(base::last_error("mkdir"), path);
  // By descriptor: whoever owns the folder above could put a link in its place.
  const base::Fd folder{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!folder) return no_folder(base::last_error("open"), path);
  if (fchmod(folder.get(), mode) != 0) return no_folder(base::last_error("chmod"), path);
  return give_to(folder.get(), path, owner);
}

std::string remedy(const NotMade& not_made, std::string_view directive) {
  switch (not_made.error) {
    case EEXIST:
      return fmt::format("{} is not a directory: name another place in `{}`", not_made.path, directive);
    case EACCES:
    case EPERM:
    case ENOENT:
      return fmt::format("create {}, owned by the daemon's user", not_made.path);
    default:
      return base::remedy_of_writing(not_made.error, not_made.path, directive);
  }
}

}  // namespace

std::expected<void, std::string> make_folder(const std::filesystem::path& path, const std::string& owner,
                                             mode_t mode) {
  const auto made = make(path, owner, mode);
  if (made) return {};
  return std::unexpected(made.error().why);
}

void make_state_folders(const config::Config& config, const std::string& owner, base::Log& log) {
  const auto drift_file = std::filesystem::path{config.clock.drift_file};
  const auto rtc_file = std::filesystem::path{config.hardware.rtc_file};
  for (const auto& [directive, folder] :
       {std::pair{"ntsdumpdir", std::filesystem::path{config.nts.dump_dir}},
        std::pair{"dumpdir", std::filesystem::path{config.process.dump_dir}},
        std::pair{"logdir", std::filesystem::path{config.process.log_dir}},
        std::pair{"driftfile", drift_file.parent_path()}, std::pair{"rtcfile", rtc_file.parent_path()}}) {
    const mode_t mode = std::string_view{directive} == "logdir" ? 0755 : 0750;
    if (const auto made = make(folder, owner, mode); !made)
      log.write(base::LogEvent::folder_not_made,
                fmt::format("Could not create the directory of `{}`: {}; {}", directive, made.error().why,
                            remedy(made.error(), directive)),
                {{base::LogField::directive, directive}, {base::LogField::file, folder.native()}});
  }
}

}  // namespace gnomon::launcher
