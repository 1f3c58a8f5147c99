// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/acquisition_sockets.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "base/os/reconnect.hpp"
#include "base/os/socket.hpp"
#include "config/network.hpp"

namespace gnomon::launcher {
namespace {

using base::AddressFamily;

constexpr std::uint16_t first_unprivileged_port = 1024;

bool is_ours_to_bind(const config::Config& config, std::uint16_t port) {
  if (port == 0) return false;
  return port < first_unprivileged_port || (config.serves_ntp() && port == config.server.port);
}

// Who serves gets them later as well; but not beside a client's sockets with the same port, which are the
// core's by then.
bool speaks_with_peers(const config::Config& config) {
  const bool shares = config.serves_ntp() && config.client.acquisition_port == config.server.port;
  return shares || std::ranges::any_of(config.sources, [](const config::Source& source) {
           return source.kind == config::SourceKind::peer;
         });
}

// A sourcedir may bring such a source.
bool asks_over_ptp(const config::Config& config) {
  return !config.process.source_dirs.empty() ||
         std::ranges::any_of(config.sources, [&](const config::Source& source) {
           return source.port == config.server.ptp_port;
         });
}

struct Wanted {
  std::uint16_t port = 0;
  const std::vector<base::IpAddress>& addresses;  // at most one of each family
  const std::string& device;
};

// failure: of the last one that could not be had.
std::vector<base::Fd> open_parked(const Wanted& wanted, const config::CommandLine& options, int dscp,
                                  base::OsError* failure = nullptr) {
  std::vector<base::Fd> sockets;
  const base::SocketOptions shared{.reuse_address = true, .device = wanted.device, .dscp = dscp};
  for (const auto family : {AddressFamily::ipv4, AddressFamily::ipv6}) {
    if (options.family != AddressFamily::unspecified && options.family != family) continue;
    const base::Endpoint local{config::bind_address(wanted.addresses, family), wanted.port};
    for (int i = 0; i < acquisition_sockets_each; ++i) {
      auto socket = base::bind_udp(local, shared);
      if (!socket && failure != nullptr) *failure = socket.error();
      if (!socket || !base::park(socket->get(), family)) break;
      sockets.push_back(std::move(*socket));
    }
  }
  share_port(sockets, false);
  return sockets;
}

const char* remedy_of(int error) {
  if (error == EACCES) return "; that needs root or CAP_NET_BIND_SERVICE";
  return error == EADDRINUSE ? "; another server has it" : "";
}

}  // namespace

void share_port(const std::vector<base::Fd>& sockets, bool share) {
  const int value = share ? 1 : 0;
  for (const auto& socket : sockets)
    static_cast<void>(setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &value, sizeof value));
}

std::vector<base::Fd> open_acquisition_sockets(const config::Config& config,
                                               const config::CommandLine& options,
                                               const std::vector<base::Fd>& servers) {
  const auto& client = config.client;
  const auto port = client.acquisition_port.value_or(0);
  if (!is_ours_to_bind(config, port)) return {};
  share_port(servers, true);
  auto sockets = open_parked({port, client.bind_addresses, client.bind_device}, options, config.server.dscp);
  share_port(servers, false);
  return sockets;
}

std::vector<base::Fd> open_peer_sockets(const config::Config& config, const config::CommandLine& options,
                                        const std::vector<base::Fd>& servers,
                                        const std::vector<base::Fd>& acquisition) {
  const auto& server = config.server;
  if (!speaks_with_peers(config) || !is_ours_to_bind(config, server.port)) return {};
  share_port(servers, true);
  share_port(acquisition, true);
  auto sockets = open_parked({server.port, server.bind_addresses, server.bind_device}, options, server.dscp);
  share_port(acquisition, false);
  share_port(servers, false);
  return sockets;
}

std::expected<std::vector<base::Fd>, std::string> open_late_peer_sockets(
    const config::Config& config, const config::CommandLine& options, const std::vector<base::Fd>& servers) {
  const auto& server = config.server;
  if (server.port == 0) return std::unexpected{"`port 0` leaves no port to speak with them from"};
  share_port(servers, true);
  base::OsError failure;
  auto sockets =
      open_parked({server.port, server.bind_addresses, server.bind_device}, options, server.dscp, &failure);
  share_port(servers, false);
  if (sockets.empty())
    return std::unexpected{fmt::format("Could not bind UDP port {}: {}{}", server.port,
                                       base::to_string(failure), remedy_of(failure.code))};
  return sockets;
}

std::vector<base::Fd> open_ptp_client_sockets(const config::Config& config,
                                              const config::CommandLine& options,
                                              const std::vector<base::Fd>& servers) {
  const auto& client = config.client;
  const auto port = config.server.ptp_port;
  if (port == 0 || !asks_over_ptp(config)) return {};
  if (port >= first_unprivileged_port && servers.empty()) return {};
  share_port(servers, true);
  auto sockets = open_parked({port, client.bind_addresses, client.bind_device}, options, config.server.dscp);
  share_port(servers, false);
  return sockets;
}

}  // namespace gnomon::launcher
