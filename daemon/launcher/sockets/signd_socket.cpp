// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/signd_socket.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "base/os/error.hpp"

namespace gnomon::launcher {
namespace {

std::unexpected<std::string> signd_failed(const std::string& path, const base::OsError& why) {
  return std::unexpected(fmt::format("Could not connect to signd socket {}: {}", path, base::to_string(why)));
}

}  // namespace

std::expected<base::Fd, std::string> connect_to_signd(const std::string& directory) {
  const auto path = directory + "/socket";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return signd_failed(path, {"connect", ENAMETOOLONG});
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  base::Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) return signd_failed(path, base::last_error("socket"));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)  // NOLINT
    return signd_failed(path, base::last_error("connect"));
  return socket;
}

}  // namespace gnomon::launcher
