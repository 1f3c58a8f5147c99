// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/bind_plan.hpp"

#include <algorithm>

#include "config/network.hpp"

namespace gnomon::launcher {

using base::AddressFamily;

std::vector<PlannedAddress> plan_addresses(const std::vector<base::IpAddress>& bind_addresses,
                                           AddressFamily family) {
  const auto v4 = config::bind_address(bind_addresses, AddressFamily::ipv4);
  const auto v6 = config::bind_address(bind_addresses, AddressFamily::ipv6);
  if (family == AddressFamily::ipv4) return {{v4}};
  if (family == AddressFamily::ipv6) return {{v6}};
  if (v4.is_any() && v6.is_any()) return {{v6, true}};
  return {{v4}, {v6}};
}

int worker_count(const config::ServerSettings& server, unsigned processors) {
  if (server.workers > 0) return server.workers;
  return static_cast<int>(std::clamp(processors, 1U, 8U));
}

}  // namespace gnomon::launcher
