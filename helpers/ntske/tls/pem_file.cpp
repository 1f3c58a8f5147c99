// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/tls/pem_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/os/fd.hpp"
#include "base/os/regular_file.hpp"
#include "base/secret.hpp"

namespace gnomon::ntske {
namespace {

std::string cannot_read(const std::string& path, int error) {
  return fmt::format("cannot read {}: {}", path, base::why_unreadable(path, error));
}

}  // namespace

std::expected<base::Buffer, std::string> read_pem_file(const std::string& path) {
  const auto opened = base::open_regular_file(path);
  if (!opened)
    return std::unexpected(
        fmt::format("cannot read {}: {}", path, base::why_unreadable(path, opened.error())));
  const base::Fd file{*opened};
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return std::unexpected(cannot_read(path, errno));
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
