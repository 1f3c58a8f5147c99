// SPDX-License-Identifier: GPL-2.0-or-later
// Addresses of Unix sockets, and descriptors sent through them as somebody else would.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <string>

namespace gnomon::testing {

inline sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(&address.sun_path[0], sizeof address.sun_path - 1);
  return address;
}
inline const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // NOLINT: the interface of the kernel
}

// One octet with these descriptors in one datagram; whether it was sent.
template <std::size_t Count>
[[nodiscard]] bool send_descriptors(int socket, const std::array<int, Count>& descriptors) {
  char octet = 'x';
  iovec vector{&octet, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(Count * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  auto* const part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(Count * sizeof(int));
  std::memcpy(CMSG_DATA(part), descriptors.data(), sizeof descriptors);
  return sendmsg(socket, &header, MSG_NOSIGNAL) == 1;
}

}  // namespace gnomon::testing
