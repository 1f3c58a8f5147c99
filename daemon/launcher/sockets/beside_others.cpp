// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/beside_others.hpp"

#include <vector>

#include "daemon/launcher/sockets/acquisition_sockets.hpp"

namespace gnomon::launcher {

namespace {

// Nobody's: whoever is in the way there has all of them.
base::OsResult<base::Fd> hold_unused(base::AddressFamily family, std::uint16_t port) {
  const bool ipv4 = family == base::AddressFamily::ipv4;
  const auto unused = base::parse_address(ipv4 ? "127.255.255.254" : "100::");  // RFC 6666: discarded
  return base::bind_udp({*unused, port}, {.free_bind = true});
}

}  // namespace

base::OsResult<base::Fd> bind_beside_others(const base::Endpoint& all, base::SocketOptions options) {
  using base::AddressFamily;
  const bool both = all.address.family == AddressFamily::ipv6 && !options.v6_only;
  std::vector<base::Fd> held;
  for (const auto family : {AddressFamily::ipv4, AddressFamily::ipv6}) {
    if (!both && family != all.address.family) continue;
    auto one = hold_unused(family, all.port);
    if (!one) return one;
    held.push_back(std::move(*one));
  }
  share_port(held, true);  // with us, just now
  options.reuse_address = true;
  auto socket = base::bind_udp(all, options);
  if (!socket) return socket;
  std::vector<base::Fd> ours;
  ours.push_back(std::move(*socket));
  share_port(ours, false);
  return std::move(ours.front());
}

}  // namespace gnomon::launcher
