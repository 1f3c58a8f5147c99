// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/pem_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/os/fd.hpp"
#include "base/secret.hpp"
#include "base/unreadable.hpp"

namespace gnomon::ntske {
namespace {

std::string cannot_read(const std::string& path, int error) {
  return fmt::format("cannot read {}: {}", path, base::why_unreadable(path, error));
}

}  // namespace

std::expected<base::Buffer, std::string> read_pem_file(const std::string& path) {
  const base::Fd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return std::unexpected(cannot_read(path, errno));
  if (!S_ISREG(status.st_mode)) return std::unexpected(fmt::format("{} is not a regular file", path));
  if (static_cast<std::size_t>(status.st_size) > max_pem_size)
    return std::unexpected(fmt::format("{} is larger than {} octets", path, max_pem_size));
  // Sized once: growing would leave copies of a private key behind.
  base::Buffer content(static_cast<std::size_t>(status.st_size));
  std::size_t got = 0;
  while (got < content.size()) {
    const auto count = ::read(file.get(), content.data() + got, content.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      base::wipe(content);
      return std::unexpected(cannot_read(path, error));
    }
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  content.resize(got);
  if (content.empty()) return std::unexpected(fmt::format("{} is empty", path));
  return content;
}

}  // namespace gnomon::ntske
