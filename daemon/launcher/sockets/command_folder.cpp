// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/command_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "daemon/launcher/files/folders.hpp"

namespace gnomon::launcher {
namespace {

using Result = std::expected<void, std::string>;

// Sticky: chronyc binds a socket there and then changes its mode by name (4.3). Where it runs as root, an
// operator could put a link in that place.
constexpr mode_t for_operators = 01770;
constexpr mode_t sticky = 01000;
constexpr mode_t for_us = 0700;
constexpr mode_t group_bits = 0070;
constexpr mode_t other_bits = 0007;

std::unexpected<std::string> folder_failed(const char* call, const std::filesystem::path& path) {
  return std::unexpected(fmt::format("{}: {}", path.native(), base::to_string(base::last_error(call))));
}

// By descriptor: whoever owns the folder above could put a link in its place.
base::Fd open_folder(const std::filesystem::path& path) {
  return base::Fd{open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

// Without root the group can be given only by its members.
Result give_away(int folder, const std::filesystem::path& path, const FolderOwners& owners) {
  const bool root = geteuid() == 0;
  if (root && fchown(folder, owners.user, static_cast<gid_t>(-1)) != 0) return folder_failed("chown", path);
  const bool given = owners.operators >= 0 &&
                     fchown(folder, static_cast<uid_t>(-1), static_cast<gid_t>(owners.operators)) == 0;
  if (fchmod(folder, given ? for_operators : for_us) != 0) return folder_failed("chmod", path);
  return {};
}

Result make(const std::filesystem::path& path, const FolderOwners& owners) {
  if (auto parent = make_folder(path.parent_path(), "", 0755); !parent) return parent;
  if (mkdir(path.c_str(), for_us) != 0) return folder_failed("mkdir", path);
  const auto folder = open_folder(path);
  if (!folder) return folder_failed("open", path);
  return give_away(folder.get(), path, owners);
}

// One that an earlier version made.
Result keep_entries_their_owners(int folder, const std::filesystem::path& path, mode_t mode) {
  if ((mode & group_bits) == 0 || (mode & sticky) != 0) return {};
  if (fchmod(folder, (mode & 07777) | sticky) != 0) return folder_failed("chmod", path);
  return {};
}

}  // namespace

Result prepare_command_folder(const std::filesystem::path& path, const FolderOwners& owners) {
  const auto folder = open_folder(path);
  if (!folder && errno == ENOENT) return make(path, owners);
  struct stat found{};
  if (!folder || fstat(folder.get(), &found) != 0) return folder_failed("open", path);
  if (found.st_uid != owners.user)
    return std::unexpected(fmt::format("{} belongs to the user with number {}, not to the daemon's ({})",
                                       path.native(), found.st_uid, owners.user));
  const bool closed_to_others = (found.st_mode & other_bits) == 0;
  const bool closed_to_group =
      (found.st_mode & group_bits) == 0 || std::int64_t{found.st_gid} == owners.operators;
  if (closed_to_others && closed_to_group)
    return keep_entries_their_owners(folder.get(), path, found.st_mode);
  return std::unexpected(fmt::format(
      "{} can be entered by others than the daemon's user and the group gnomon-operators (mode {:04o}, group "
      "{})",
      path.native(), found.st_mode & 07777, found.st_gid));
}

}  // namespace gnomon::launcher
