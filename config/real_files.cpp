// SPDX-License-Identifier: GPL-2.0-or-later
// The disk as the parser sees it.
#include <dirent.h>
#include <glob.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "base/os/regular_file.hpp"
#include "config/parse.hpp"

namespace gnomon::config {

namespace {

constexpr std::size_t largest_file = 16U << 20U;  // no configuration; a mistaken /dev/zero ends here

class File {
 public:
  explicit File(int fd) : fd_{fd} {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(fd_); }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<std::string> reason(int error) {
  return std::unexpected{std::generic_category().message(error)};
}

std::expected<std::string, std::string> read_whole(const std::string& path) {
  if (path == "/dev/null") return std::string{};  // included to have nothing there
  const auto opened = base::open_regular_file(path);
  if (!opened) return std::unexpected{base::why_unreadable(path, opened.error())};
  const File file{*opened};
  std::string text;
  std::array<char, 16384> block;
  for (;;) {
    const auto count = read(file.fd(), block.data(), block.size());
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return reason(errno);
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_file) return reason(EFBIG);
  }
}

std::vector<std::string> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(pattern.c_str(), GLOB_MARK, nullptr, &found) == 0)  // glob(3) sorts by itself, but by the locale
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

std::optional<FolderTrouble> folder_trouble(const std::string& folder) {
  if (folder.find_first_of("*?[") != folder.npos) return std::nullopt;
  DIR* const opened = opendir(folder.c_str());
  const int error = errno;
  if (opened == nullptr) return FolderTrouble{folder, base::why_unreadable(folder, error), error == ENOENT};
  closedir(opened);
  return std::nullopt;
}

}  // namespace

FileAccess real_files() {
  return {.read = read_whole, .glob = matching, .folder_trouble = folder_trouble};
}

}  // namespace gnomon::config
