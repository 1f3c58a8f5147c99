// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "base/os/fd.hpp"
#include "base/os/regular_file.hpp"

namespace gnomon::base {

namespace {

OsResult<void> write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written >= 0)
      content.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      return std::unexpected(last_error("write"));
  }
  return {};
}

OsResult<void> write_new_file(const std::string& path, std::string_view content, mode_t mode) {
  const Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
  if (!file) return std::unexpected(last_error("open"));
  if (const auto written = write_all(file.get(), content); !written) return written;
  if (fsync(file.get()) != 0) return std::unexpected(last_error("fsync"));
  return {};
}

// Else a power cut may bring back what a rename or an unlink has taken away. A folder that cannot be synced
// (some file systems) loses no more than that.
void sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? std::string{"."} : path.substr(0, slash + 1);
  const Fd descriptor{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (descriptor) static_cast<void>(fsync(descriptor.get()));
}

}  // namespace

OsResult<std::string> read_to_end(int fd, std::size_t limit) {
  // Into the string itself, and a file without growing: no copy of a key is left behind.
  constexpr std::size_t piece = 4096;
  struct stat about{};
  const auto known =
      fstat(fd, &about) == 0 && S_ISREG(about.st_mode) ? static_cast<std::size_t>(about.st_size) : 0;
  std::string content;
  content.reserve(std::min(limit + 1, std::max(known + piece, 4 * piece)));
  while (true) {
    const auto filled = content.size();
    content.resize(std::min(limit + 1, filled + piece));
    const auto got = ::read(fd, content.data() + filled, content.size() - filled);
    content.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (got < 0 && errno != EINTR) return std::unexpected(last_error("read"));
    if (content.size() > limit) return std::unexpected(OsError{"read", EFBIG});
  }
}

OsResult<std::string> read_file(const std::string& path, std::size_t limit) {
  const auto opened = open_regular_file(path);
  if (!opened && opened.error().error == 0) return std::unexpected(OsError{"it is not a regular file", 0});
  if (!opened) return std::unexpected(OsError{"open", opened.error().error});
  const Fd file{*opened};
  return read_to_end(file.get(), limit);
}

OsResult<void> write_file_atomically(const std::string& path, std::string_view content, mode_t mode) {
  const auto temporary = path + ".tmp";
  unlink(temporary.c_str());  // of a run that was interrupted
  auto result = write_new_file(temporary, content, mode);
  if (result && rename(temporary.c_str(), path.c_str()) != 0) result = std::unexpected(last_error("rename"));
  if (!result) unlink(temporary.c_str());
  if (result) sync_folder_of(path);
  return result;
}

void remove_file(const std::string& path) {
  if (unlink(path.c_str()) == 0) sync_folder_of(path);
}

std::optional<FileStamp> stamp_of(const std::string& path) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  return FileStamp{.device = file.st_dev,
                   .inode = file.st_ino,
                   .size = file.st_size,
                   .changed_s = file.st_ctim.tv_sec,
                   .changed_ns = file.st_ctim.tv_nsec};
}

}  // namespace gnomon::base
