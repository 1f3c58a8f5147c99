// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/control_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/os/error.hpp"
#include "daemon/launcher/files/folders.hpp"

namespace gnomon::launcher {
namespace {

constexpr int backlog = 64;

std::unexpected<std::string> failed(const char* call) {
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

bool is_bound_to(int socket, const std::string& path) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  auto* const into = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the interface of the kernel
  if (getsockname(socket, into, &size) != 0 || address.sun_family != AF_UNIX) return false;
  return path == &address.sun_path[0];
}

base::Fd stream_socket() {
  return base::Fd{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

// A socket file stays behind when a daemon is killed; only a live one answers.
std::expected<void, std::string> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return std::unexpected("there is a file of that name that is not a socket");
  const auto probe = stream_socket();
  if (!probe) return failed("socket");
  if (connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN)
    return std::unexpected("another daemon answers there");
  if (unlink(path.c_str()) != 0) return failed("unlink");
  return {};
}

}  // namespace

ControlSocket& ControlSocket::operator=(ControlSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

ControlSocket::~ControlSocket() {
  if (fd_ && !path_.empty()) unlink(path_.c_str());
}

std::expected<ControlSocket, std::string> ControlSocket::open(const std::string& path,
                                                              const std::string& owner,
                                                              std::vector<base::ActivatedSocket>& inherited) {
  for (auto& each : inherited)
    if (each.fd && is_bound_to(each.fd.get(), path)) return ControlSocket{std::move(each.fd), {}};
  const auto address = unix_address(path);
  if (!address) return std::unexpected("the path is too long for a socket");
  if (auto made = make_folder(std::filesystem::path{path}.parent_path(), owner, 0755); !made)
    return std::unexpected(made.error());
  if (auto removed = remove_stale(path, *address); !removed) return std::unexpected(removed.error());
  auto fd = stream_socket();
  if (!fd) return failed("socket");
  // Peer credentials decide who may change something and who may only read reports, not the file's mode. It
  // is made with that mode: to change it afterwards, by its name, would follow a link put there by the
  // folder's owner.
  const mode_t before = umask(0111);
  const bool bound = bind(fd.get(), generic(*address), sizeof *address) == 0;
  const int error = errno;
  umask(before);
  if (!bound) return std::unexpected(base::to_string(base::OsError{"bind", error}));
  ControlSocket control{std::move(fd), path};
  if (listen(control.fd(), backlog) != 0) return failed("listen");
  return control;
}

}  // namespace gnomon::launcher
