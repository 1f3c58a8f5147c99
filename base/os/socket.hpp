// SPDX-License-Identifier: GPL-2.0-or-later
// Endpoints in the kernel's format, and the sockets that gnomon binds.
#pragma once

#include <sys/socket.h>

#include <string>

#include "base/address.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::base {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  [[nodiscard]] const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);  // NOLINT: the interface of the kernel
  }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }  // NOLINT
};
// `for_ipv6_socket`: an IPv4 address in its IPv4-mapped form, as a dual-stack socket wants it. An unspecified
// address gives [::] or 0.0.0.0 accordingly.
[[nodiscard]] SocketAddress to_socket_address(const Endpoint& endpoint, bool for_ipv6_socket = false);
// Another family than AF_INET and AF_INET6: address unspecified.
[[nodiscard]] Endpoint to_endpoint(const SocketAddress& address);
[[nodiscard]] OsResult<Endpoint> local_endpoint(int socket);
// getsockopt(2); -1: there is none.
[[nodiscard]] int integer_option(int socket, int level, int name);
[[nodiscard]] int address_family(int socket);  // AF_INET, AF_INET6, AF_UNIX, ...; -1: not a socket

struct SocketOptions {
  bool reuse_port = false;
  bool reuse_address = false;  // TCP listeners: not to wait for the old connections of a restart
  bool free_bind = false;      // the address need not exist yet
  bool v6_only = true;         // of an IPv6 socket
  bool non_blocking = true;
  std::string device;  // SO_BINDTODEVICE, empty: any
  int dscp = 0;        // 0..63
};
// Both are close-on-exec. Errors name the call; EADDRINUSE, EACCES and EAFNOSUPPORT are to be expected.
[[nodiscard]] OsResult<Fd> bind_udp(const Endpoint& local, const SocketOptions& options);
[[nodiscard]] OsResult<Fd> listen_tcp(const Endpoint& local, const SocketOptions& options, int backlog = 128);

}  // namespace gnomon::base
