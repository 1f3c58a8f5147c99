// SPDX-License-Identifier: GPL-2.0-or-later
// The disk as the parser sees it.
#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "base/unreadable.hpp"
#include "config/parse.hpp"

namespace gnomon::config {

namespace {

constexpr std::size_t largest_file = 16U << 20U;  // no configuration; a mistaken /dev/zero ends here

class File {
 public:
  explicit File(const std::string& path) : fd_{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)} {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<std::string> reason(int error) {
  return std::unexpected{std::generic_category().message(error)};
}

std::expected<std::string, std::string> read_whole(const std::string& path) {
  const File file{path};
  if (file.fd() < 0) return std::unexpected{base::why_unreadable(path, errno)};
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
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)  // glob(3) sorts by itself, but by the locale
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

}  // namespace

FileAccess real_files() {
  return {.read = read_whole, .glob = matching};
}

}  // namespace gnomon::config
