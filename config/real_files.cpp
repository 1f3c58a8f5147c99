// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/real_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/os/regular_file.hpp"

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

using Text = std::expected<std::string, std::string>;

// `await` before each piece: nullopt where there will be one, else why there will not.
template <typename Await>
Text read_to_end(const File& file, Await await) {
  std::string text;
  std::array<char, 16384> block;
  for (;;) {
    if (const auto fault = await(text)) return std::unexpected{*fault};
    const auto count = read(file.fd(), block.data(), block.size());
    if (count == 0) return text;
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return reason(errno);
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > largest_file) return reason(EFBIG);
  }
}

Text read_whole(const std::string& path) {
  if (path == "/dev/null") return std::string{};  // included to have nothing there
  const auto opened = base::open_regular_file(path);
  if (!opened) return std::unexpected{base::why_unreadable(path, opened.error())};
  return read_to_end(File{*opened}, [](const auto&) { return std::optional<std::string>{}; });
}

// Opened without waiting: a FIFO that nobody writes to would hold us up in open(2) itself.
Text read_pipe(const std::string& path, base::Seconds patience) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return std::unexpected{base::why_unreadable(path, errno)};
  const File pipe{fd};
  const auto end = std::chrono::steady_clock::now() + patience;
  return read_to_end(pipe, [&](const std::string& text) -> std::optional<std::string> {
    const std::chrono::duration<double, std::milli> left = end - std::chrono::steady_clock::now();
    pollfd waiting{.fd = pipe.fd(), .events = POLLIN, .revents = 0};
    const int limit = static_cast<int>(std::ceil(std::max(left.count(), 0.0)));
    if ((text.empty() || left.count() > 0) && poll(&waiting, 1, limit) != 0) return std::nullopt;
    return text.empty()
               ? fmt::format("nothing came through the pipe for {:g} s", patience.count())
               : fmt::format("what comes through the pipe has no end after {:g} s", patience.count());
  });
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

FileAccess real_files(const std::string& named, base::Seconds patience) {
  auto files = real_files();
  files.read = [named, patience, kept = std::make_shared<std::optional<Text>>()](const std::string& path) {
    if (path == named && !*kept && is_pipe(named)) *kept = read_pipe(named, patience);
    return path == named && *kept ? **kept : read_whole(path);
  };
  return files;
}

bool is_pipe(const std::string& path) {
  struct stat about{};
  return stat(path.c_str(), &about) == 0 && S_ISFIFO(about.st_mode);
}

}  // namespace gnomon::config
