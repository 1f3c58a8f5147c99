// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/os/error.hpp"

namespace gnomon::launcher {
namespace {

std::unexpected<std::string> call_failed(const char* call) {
  return std::unexpected(base::to_string(base::last_error(call)));
}

std::optional<sockaddr_un> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  path.copy(&address.sun_path[0], path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // NOLINT: the interface of the kernel
}

base::Fd unix_socket(int type) {
  return base::Fd{socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

// A socket file stays behind when a daemon is killed; only a live one answers.
std::expected<void, std::string> remove_stale(const std::string& path, const sockaddr_un& address, int type) {
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return std::unexpected("there is a file of that name that is not a socket");
  const auto probe = unix_socket(type);
  if (!probe) return call_failed("socket");
  // EPROTOTYPE: one of another type, which is somebody's as well.
  if (connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN || errno == EPROTOTYPE)
    return std::unexpected("another daemon answers there");
  if (unlink(path.c_str()) != 0) return call_failed("unlink");
  return {};
}

}  // namespace

bool is_bound_to(int socket, const std::string& path) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  auto* const into = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the interface of the kernel
  if (getsockname(socket, into, &size) != 0 || address.sun_family != AF_UNIX) return false;
  return path == &address.sun_path[0];
}

bool tell_senders(int socket) {
  const int on = 1;
  return setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0;
}

void refuse_descriptors(int socket) {
  constexpr int pass_rights = 83;  // SO_PASSRIGHTS, of newer headers
  const int off = 0;
  static_cast<void>(setsockopt(socket, SOL_SOCKET, pass_rights, &off, sizeof off));
}

std::expected<base::Fd, std::string> bind_unix(const std::string& path, int type, bool credentials,
                                               SocketUsers users) {
  const auto address = unix_address(path);
  if (!address) return std::unexpected("the path is too long for a socket");
  if (auto removed = remove_stale(path, *address, type); !removed) return std::unexpected(removed.error());
  auto fd = unix_socket(type);
  if (!fd) return call_failed("socket");
  if (credentials && !tell_senders(fd.get())) return call_failed("setsockopt(SO_PASSCRED)");
  // It is made with that mode: to change it afterwards, by its name, would follow a link put there by the
  // folder's owner.
  const mode_t before = umask(users == SocketUsers::everybody ? 0111 : 0177);
  const bool bound = bind(fd.get(), generic(*address), sizeof *address) == 0;
  const int error = errno;
  umask(before);
  if (!bound) return std::unexpected(base::to_string(base::OsError{"bind", error}));
  return fd;
}

SocketFile::~SocketFile() {
  if (!path_.empty()) unlink(path_.c_str());
}

}  // namespace gnomon::launcher
