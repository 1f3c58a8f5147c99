// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/os/groups.hpp"

namespace gnomon::base {

namespace {

const char* kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "it is a directory, not a file";
  if (S_ISFIFO(mode)) return "it is a FIFO, not a file";
  if (S_ISSOCK(mode)) return "it is a socket, not a file";
  return "it is a device, not a file";
}

std::unexpected<NotOpened> not_a_file(mode_t mode) {
  return std::unexpected(NotOpened{S_ISDIR(mode) ? EISDIR : 0, kind_of(mode)});
}

std::unexpected<NotOpened> failed() {
  return std::unexpected(NotOpened{errno});
}

bool is_member(gid_t group) {
  if (group == getegid()) return true;
  const auto groups = supplementary_groups();
  return std::ranges::find(groups, group) != groups.end();
}

bool mode_allows_reading(const struct stat& file) {
  const auto user = geteuid();
  if (user == 0) return true;
  if (user == file.st_uid) return (file.st_mode & S_IRUSR) != 0;
  if (is_member(file.st_gid)) return (file.st_mode & S_IRGRP) != 0;
  return (file.st_mode & S_IROTH) != 0;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

std::string named_by(std::string_view directive) {
  return " in `" + std::string{directive} + '`';
}

}  // namespace

std::string why_unreadable(const std::string& path, const NotOpened& refusal) {
  if (*refusal.what != '\0') return refusal.what;
  auto reason = std::generic_category().message(refusal.error);
  struct stat file{};
  // Who may look at it was let through every folder above.
  if (refusal.error == EACCES && stat(path.c_str(), &file) == 0 && mode_allows_reading(file))
    reason += " by a security module. Under AppArmor /etc/apparmor.d/gnomond says which files may be read";
  return reason;
}

std::expected<int, NotOpened> open_regular_file(const std::string& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) return failed();
  // Before it is opened: with some devices that alone does something.
  if (!S_ISREG(file.st_mode)) return not_a_file(file.st_mode);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return failed();
  if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode)) return fd;
  close(fd);
  return not_a_file(file.st_mode);
}

std::string remedy_of_writing(int error, const std::string& path, std::string_view directive) {
  const auto folder = folder_of(path);
  switch (error) {
    case ENOENT:
      return "create " + folder + ", owned by the daemon's user, and restart gnomond";
    case ENOTDIR:
      return folder + " is not a directory: name another place" + named_by(directive);
    case EISDIR:
    case ENOTEMPTY:
      return path + " is a directory: remove it, or name another place" + named_by(directive);
    case EACCES:
    case EPERM:
      return "make " + folder +
             " writable for the daemon's user; restart gnomond if it was created after the start";
    case EROFS:
      return "name a place that can be written" + named_by(directive) +
             "; where only the service may not write there, add ReadWritePaths=" + folder + " to its unit";
    case ENOSPC:
      return "free space on the file system of " + folder;
    case EDQUOT:
      return "free space for the daemon's user on the file system of " + folder + ", or raise its quota";
    case EFBIG:
      return "raise the limit on the size of files (LimitFSIZE= of the unit)";
    case EMFILE:
    case ENFILE:
      return "raise the limit on open files (LimitNOFILE= of the unit)";
    case EIO:
      return "the device has failed: the kernel's log says how (journalctl -k)";
    default:
      return "name another place" + named_by(directive);
  }
}

std::string remedy_of_reading(int error, std::string_view directive) {
  switch (error) {
    case EACCES:
    case EPERM:
      return "make it readable for the daemon's user";
    case ENOENT:
      return "put it there, or name another" + named_by(directive);
    case EFBIG:
      return "it is too long to be one of gnomond's files: remove it";
    case EISDIR:
    case 0:
      return "remove what is there, or name another place" + named_by(directive);
    case EIO:
      return "the device has failed: the kernel's log says how (journalctl -k)";
    default:
      return "name another place" + named_by(directive);
  }
}

}  // namespace gnomon::base
