// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/control_socket.hpp"

#include <sys/socket.h>

#include <filesystem>

#include "base/os/error.hpp"
#include "daemon/launcher/files/folders.hpp"

namespace gnomon::launcher {
namespace {

constexpr int control_backlog = 64;

}  // namespace

std::expected<ControlSocket, std::string> ControlSocket::open(const std::string& path,
                                                              const std::string& owner,
                                                              std::vector<base::ActivatedSocket>& inherited) {
  for (auto& each : inherited)
    if (each.fd && is_bound_to(each.fd.get(), path)) {
      refuse_descriptors(each.fd.get());
      return ControlSocket{std::move(each.fd), {}};
    }
  if (auto made = make_folder(std::filesystem::path{path}.parent_path(), owner, 0755); !made)
    return std::unexpected(made.error());
  // Peer credentials decide who may change something and who may only read reports, not the file's mode.
  auto fd = bind_unix(path, SOCK_STREAM);
  if (!fd) return std::unexpected(fd.error());
  // A compromised core could be given a socket that leads where none of its own does.
  refuse_descriptors(fd->get());
  ControlSocket control{std::move(*fd), SocketFile{path}};
  if (listen(control.fd(), control_backlog) != 0)
    return std::unexpected(base::to_string(base::last_error("listen")));
  return control;
}

}  // namespace gnomon::launcher
