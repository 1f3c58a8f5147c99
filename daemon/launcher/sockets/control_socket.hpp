// SPDX-License-Identifier: GPL-2.0-or-later
// The listening socket of the control interface, and the directory it lives in.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/systemd.hpp"
#include "daemon/launcher/sockets/unix_socket.hpp"

namespace gnomon::launcher {

// Removed from the file system when it goes out of scope, unless it is systemd's.
class ControlSocket {
 public:
  // The inherited socket with this path, else a fresh one: its folder is made (0755, of `owner`; empty: ours)
  // if it is missing, a socket nobody listens on is replaced, everybody may connect. Error: the reason.
  [[nodiscard]] static std::expected<ControlSocket, std::string> open(
      const std::string& path, const std::string& owner, std::vector<base::ActivatedSocket>& inherited);
  ControlSocket() = default;

  [[nodiscard]] int fd() const { return fd_.get(); }
  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(fd_); }

 private:
  ControlSocket(base::Fd fd, SocketFile file) : fd_(std::move(fd)), file_(std::move(file)) {}
  base::Fd fd_;
  SocketFile file_;  // none: not ours to remove
};

}  // namespace gnomon::launcher
