// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/bind_plan.hpp"

#include <algorithm>

namespace gnomon::launcher {
namespace {

using base::AddressFamily;

base::IpAddress address_of(const std::vector<base::IpAddress>& configured, AddressFamily family) {
  const auto at = std::ranges::find(configured, family, &base::IpAddress::family);
  return at != configured.end() ? *at : base::IpAddress{.family = family};
}

}  // namespace

std::vector<PlannedAddress> plan_addresses(const std::vector<base::IpAddress>& bind_addresses,
                                           AddressFamily family) {
  const auto v4 = address_of(bind_addresses, AddressFamily::ipv4);
  const auto v6 = address_of(bind_addresses, AddressFamily::ipv6);
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
