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

}  // namespace gnomon::base
