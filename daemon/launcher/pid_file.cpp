// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/pid_file.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "base/os/fd.hpp"

namespace gnomon::launcher {
namespace {

pid_t number_in(const std::string& path) {
  std::ifstream file(path);
  pid_t number = 0;
  return file >> number && number > 0 ? number : 0;
}

std::string reason() {
  return std::strerror(errno);
}

}  // namespace

std::optional<pid_t> running_process(const std::string& path) {
  const pid_t number = number_in(path);
  if (number == 0 || number == getpid()) return std::nullopt;
  if (kill(number, 0) != 0 && errno == ESRCH) return std::nullopt;
  return number;
}

std::expected<PidFile, std::string> PidFile::write(const std::string& path) {
  // A new file, so that a link somebody put there is replaced and not followed.
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return std::unexpected(reason());
  const base::Fd file{open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  if (!file) return std::unexpected(reason());
  const auto text = fmt::format("{}\n", getpid());
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return std::unexpected(reason());
  return PidFile{path};
}

PidFile::PidFile(std::string path) : path_(std::move(path)) {}

PidFile::PidFile(PidFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

PidFile::~PidFile() {
  if (!path_.empty() && number_in(path_) == getpid()) unlink(path_.c_str());
}

}  // namespace gnomon::launcher
