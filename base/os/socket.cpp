// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <cstring>

namespace gnomon::base {

namespace {

template <class T>
SocketAddress store(const T& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof(T));
  result.size = sizeof(T);
  return result;
}

SocketAddress to_ipv4(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  std::memcpy(&address.sin_addr, endpoint.address.octets.data(), 4);
  return store(address);
}

SocketAddress to_ipv6(const Endpoint& endpoint) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(endpoint.port);
  if (endpoint.address.family == AddressFamily::ipv4) {
    address.sin6_addr.s6_addr[10] = 0xff;
    address.sin6_addr.s6_addr[11] = 0xff;
    std::copy_n(endpoint.address.octets.begin(), 4, &address.sin6_addr.s6_addr[12]);
  } else {
    std::ranges::copy(endpoint.address.octets, &address.sin6_addr.s6_addr[0]);
    address.sin6_scope_id = endpoint.address.scope;
  }
  return store(address);
}

OsResult<void> set_option(int socket, int level, int name, int value, const char* what) {
  if (setsockopt(socket, level, name, &value, sizeof value) != 0) return std::unexpected(last_error(what));
  return {};
}

// Without the SOCK_* flags, which simulators that replace socket() do not all know.
OsResult<Fd> open_socket(int family, int type, bool non_blocking) {
  Fd socket{::socket(family, type, 0)};
  if (!socket) return std::unexpected(last_error("socket"));
  fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
  if (!non_blocking) return socket;
  int on = 1;  // F_SETFL is allowed to no code of ours that is confined: a log that is appended to stays one
  if (ioctl(socket.get(), FIONBIO, &on) != 0) return std::unexpected(last_error("ioctl(FIONBIO)"));
  return socket;
}

OsResult<void> set_traffic_class(int socket, int family, int dscp) {
  const int traffic_class = dscp << 2;
  if (family == AF_INET) return set_option(socket, IPPROTO_IP, IP_TOS, traffic_class, "setsockopt(IP_TOS)");
  return set_option(socket, IPPROTO_IPV6, IPV6_TCLASS, traffic_class, "setsockopt(IPV6_TCLASS)");
}

OsResult<void> apply(int socket, int family, const SocketOptions& options) {
  OsResult<void> done;
  if (family == AF_INET6)
    done = set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, options.v6_only ? 1 : 0, "setsockopt(IPV6_V6ONLY)");
  if (done && options.reuse_address)
    done = set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1, "setsockopt(SO_REUSEADDR)");
  if (done && options.reuse_port)
    done = set_option(socket, SOL_SOCKET, SO_REUSEPORT, 1, "setsockopt(SO_REUSEPORT)");
  if (done && options.free_bind)
    done = set_option(socket, IPPROTO_IP, IP_FREEBIND, 1, "setsockopt(IP_FREEBIND)");
  if (done && options.dscp != 0) done = set_traffic_class(socket, family, options.dscp);
  if (done && !options.device.empty() &&
      setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, options.device.data(),
                 static_cast<socklen_t>(options.device.size())) != 0)
    done = std::unexpected(last_error("setsockopt(SO_BINDTODEVICE)"));
  return done;
}

OsResult<Fd> open_bound(const Endpoint& local, int type, const SocketOptions& options) {
  const int family = local.address.family == AddressFamily::ipv4 ? AF_INET : AF_INET6;
  auto socket = open_socket(family, type, options.non_blocking);
  if (!socket) return socket;
  if (const auto applied = apply(socket->get(), family, options); !applied)
    return std::unexpected(applied.error());
  const auto address = to_socket_address(local, family == AF_INET6);
  if (bind(socket->get(), address.get(), address.size) != 0) return std::unexpected(last_error("bind"));
  return socket;
}

}  // namespace

SocketAddress to_socket_address(const Endpoint& endpoint, bool for_ipv6_socket) {
  if (for_ipv6_socket || endpoint.address.family == AddressFamily::ipv6) return to_ipv6(endpoint);
  return to_ipv4(endpoint);
}

Endpoint to_endpoint(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address.storage, sizeof in);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &in.sin_addr, octets.size());
    return {from_octets(octets), ntohs(in.sin_port)};
  }
  if (address.storage.ss_family != AF_INET6) return {};
  sockaddr_in6 in{};
  std::memcpy(&in, &address.storage, sizeof in);
  return {from_octets(Bytes{&in.sin6_addr.s6_addr[0], 16}, in.sin6_scope_id), ntohs(in.sin6_port)};
}

OsResult<Endpoint> local_endpoint(int socket) {
  SocketAddress address;
  if (getsockname(socket, address.get(), &address.size) != 0)
    return std::unexpected(last_error("getsockname"));
  return to_endpoint(address);
}

int integer_option(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(socket, level, name, &value, &size) == 0 ? value : -1;
}

int address_family(int socket) {
  SocketAddress address;
  if (getsockname(socket, address.get(), &address.size) != 0) return -1;
  return address.storage.ss_family;
}

OsResult<Fd> bind_udp(const Endpoint& local, const SocketOptions& options) {
  return open_bound(local, SOCK_DGRAM, options);
}

OsResult<Fd> listen_tcp(const Endpoint& local, const SocketOptions& options, int backlog) {
  auto socket = open_bound(local, SOCK_STREAM, options);
  if (socket && listen(socket->get(), backlog) != 0) return std::unexpected(last_error("listen"));
  return socket;
}

}  // namespace gnomon::base
