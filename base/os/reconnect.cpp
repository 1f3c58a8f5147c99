// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/reconnect.hpp"

#include <sys/socket.h>

#include "base/os/socket.hpp"

namespace gnomon::base {

OsResult<void> reconnect(int socket, const Endpoint& to) {
  SocketAddress nobody;
  nobody.storage.ss_family = AF_UNSPEC;
  nobody.size = sizeof nobody.storage.ss_family;
  // A first connection has nothing to be undone, which is an error to some kernels and none to others.
  static_cast<void>(::connect(socket, nobody.get(), nobody.size));
  const auto address = to_socket_address(to);
  if (::connect(socket, address.get(), address.size) != 0) return std::unexpected(last_error("connect"));
  return {};
}

OsResult<void> park(int socket, AddressFamily family) {
  constexpr std::uint16_t discard = 9;  // RFC 863; nothing is ever sent to it
  const auto loopback = parse_address(family == AddressFamily::ipv4 ? "127.0.0.1" : "::1");
  return reconnect(socket, {loopback.value_or(IpAddress{}), discard});
}

}  // namespace gnomon::base
