// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/acquisition_sockets.hpp"

#include <sys/socket.h>

#include "base/os/reconnect.hpp"
#include "base/os/socket.hpp"
#include "config/bind_address.hpp"

namespace gnomon::launcher {
namespace {

using base::AddressFamily;

constexpr std::uint16_t first_unprivileged_port = 1024;

bool is_ours_to_bind(const config::Config& config) {
  const auto port = config.client.acquisition_port.value_or(0);
  if (port == 0) return false;
  return port < first_unprivileged_port || (config.serves_ntp() && port == config.server.port);
}

// Sockets that all have the option share a port, whoever owns them; set for no longer than is needed, so that
// nobody else does.
void share_port(const std::vector<base::Fd>& servers, bool share) {
  const int value = share ? 1 : 0;
  for (const auto& server : servers)
    static_cast<void>(setsockopt(server.get(), SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
}

}  // namespace

std::vector<base::Fd> open_acquisition_sockets(const config::Config& config,
                                               const config::CommandLine& options,
                                               const std::vector<base::Fd>& servers) {
  std::vector<base::Fd> sockets;
  if (!is_ours_to_bind(config)) return sockets;
  share_port(servers, true);
  const base::SocketOptions shared{
      .reuse_address = true, .device = config.client.bind_device, .dscp = config.server.dscp};
  for (const auto family : {AddressFamily::ipv4, AddressFamily::ipv6}) {
    if (options.family != AddressFamily::unspecified && options.family != family) continue;
    const base::Endpoint local{config::bind_address(config.client.bind_addresses, family),
                               *config.client.acquisition_port};
    for (int i = 0; i < acquisition_sockets_each; ++i) {
      auto socket = base::bind_udp(local, shared);
      if (!socket || !base::park(socket->get(), family)) break;
      sockets.push_back(std::move(*socket));
    }
  }
  share_port(sockets, false);
  share_port(servers, false);
  return sockets;
}

}  // namespace gnomon::launcher
