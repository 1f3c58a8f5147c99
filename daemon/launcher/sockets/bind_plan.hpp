// SPDX-License-Identifier: GPL-2.0-or-later
// Which addresses the server sockets are bound to, from the configuration alone.
#pragma once

#include <vector>

#include "base/address.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

// One address to listen on.
struct PlannedAddress {
  base::IpAddress address;
  // An IPv6 any-address that takes IPv4 too. Where IPv6 is missing, 0.0.0.0 stands in for it.
  bool dual_stack = false;
  friend bool operator==(const PlannedAddress&, const PlannedAddress&) = default;
};

// bindaddress names at most one address per family; a family without one listens on all of its addresses,
// and -4 or -6 leaves the other family out.
[[nodiscard]] std::vector<PlannedAddress> plan_addresses(const std::vector<base::IpAddress>& bind_addresses,
                                                         base::AddressFamily family);

// Threads that answer NTP: as configured, else one per processor and at most 8.
[[nodiscard]] int worker_count(const config::ServerSettings& server, unsigned processors);

}  // namespace gnomon::launcher
