// SPDX-License-Identifier: GPL-2.0-or-later
// Unix sockets at a path of the file system, and their files.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "base/os/fd.hpp"

namespace gnomon::launcher {

[[nodiscard]] bool is_bound_to(int socket, const std::string& path);

// From then on each message tells who sent it (SO_PASSCRED). False: errno says why not.
[[nodiscard]] bool tell_senders(int socket);

// Nobody can send descriptors through it, nor through what is accepted from it, where the kernel has that
// (Linux 6.16); elsewhere nothing changes.
void refuse_descriptors(int socket);

// Who may use a socket, besides being able to enter its directory.
enum class SocketUsers : std::uint8_t { everybody, owner };

// Non-blocking, of this type (SOCK_STREAM, SOCK_DGRAM). A socket that nobody listens on is replaced. With
// `credentials` each message tells who sent it. Error: the reason.
[[nodiscard]] std::expected<base::Fd, std::string> bind_unix(const std::string& path, int type,
                                                             bool credentials = false,
                                                             SocketUsers users = SocketUsers::everybody);

// Removes the file of a socket when it goes out of scope.
class SocketFile {
 public:
  SocketFile() = default;  // none
  explicit SocketFile(std::string path) : path_(std::move(path)) {}
  SocketFile(SocketFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  SocketFile& operator=(SocketFile&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~SocketFile();

 private:
  std::string path_;
};

}  // namespace gnomon::launcher
