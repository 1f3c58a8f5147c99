// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/files/pid_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/number.hpp"
#include "base/os/file.hpp"

namespace gnomon::launcher {
namespace {

constexpr int most_tries = 10;  // against other programs that replace the file in the meantime

pid_t number_in(const std::string& path) {
  const auto text = base::read_file(path, 64);
  if (!text) return 0;
  const auto digits = text->substr(0, text->find_first_not_of("0123456789"));
  return base::parse_number<pid_t>(digits, {.low = 1}).value_or(0);
}

std::string reason() {
  return std::strerror(errno);
}

// Where files cannot be locked nobody holds them. A lock belongs to the open file: it is the daemon's still
// after it has gone into the background, and nobody else's.
bool is_locked_by_another(int fd) {
  struct flock wanted{.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_OFD_GETLK, &wanted) == 0 && wanted.l_type != F_UNLCK;
}

bool is_lost_to_another(int fd) {
  const struct flock wanted{.l_type = F_WRLCK, .l_whence = SEEK_SET};
  return fcntl(fd, F_OFD_SETLK, &wanted) != 0 && errno == EAGAIN;  // EACCES is AppArmor's: not to be locked
}

bool is_chronyd(pid_t pid) {
  const auto name = base::read_file(fmt::format("/proc/{}/comm", pid), 64);
  return name && *name == "chronyd\n";
}

// Whether a file that is there is safe to write to: whoever owns the folder can have put another in its
// place.
bool is_ours(int fd) {
  struct stat file{};
  return fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_nlink == 1 && file.st_uid == geteuid();
}

bool is_still_at(const std::string& path, int fd) {
  struct stat opened{};
  struct stat there{};
  return fstat(fd, &opened) == 0 && lstat(path.c_str(), &there) == 0 && opened.st_dev == there.st_dev &&
         opened.st_ino == there.st_ino;
}

std::expected<void, std::string> write_number(int fd) {
  const auto text = fmt::format("{}\n", getpid());
  if (ftruncate(fd, 0) != 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return std::unexpected(reason());
  return {};
}

}  // namespace

std::optional<pid_t> running_process(const std::string& path) {
  const base::Fd file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)};
  const pid_t number = number_in(path);
  if (file && is_locked_by_another(file.get())) return number;
  // chronyd does not lock it, and two would steer one clock.
  if (number == 0 || number == getpid() || !is_chronyd(number)) return std::nullopt;
  return number;
}

std::expected<PidFile, std::string> PidFile::write(const std::string& path) {
  for (int tries = 0; tries < most_tries; ++tries) {
    base::Fd file{
        open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644)};
    if (file && is_lost_to_another(file.get()))
      return std::unexpected(fmt::format("it is locked by the process {}", number_in(path)));
    if (file && !is_still_at(path, file.get())) continue;
    if (file && is_ours(file.get())) {
      if (auto written = write_number(file.get()); !written) return std::unexpected(written.error());
      return PidFile{path, std::move(file)};
    }
    const bool nothing_there = !file && (errno == ENOENT || errno == ENOTDIR || errno == EACCES);
    if (nothing_there || (unlink(path.c_str()) != 0 && errno != ENOENT)) return std::unexpected(reason());
  }
  return std::unexpected("another program keeps replacing it");
}

PidFile::PidFile(std::string path, base::Fd file) : path_(std::move(path)), file_(std::move(file)) {}

PidFile::PidFile(PidFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), file_(std::move(other.file_)) {}

PidFile::~PidFile() {
  if (!path_.empty() && number_in(path_) == getpid()) unlink(path_.c_str());
}

}  // namespace gnomon::launcher
