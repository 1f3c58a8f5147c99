// SPDX-License-Identifier: GPL-2.0-or-later
// Whether another program has the ports that the configuration serves on. Reads the kernel's tables, binds
// nothing, and so works without rights and beside a running gnomond.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

// A socket that others can send to.
struct OpenPort {
  base::IpAddress address;  // unspecified: any
  std::uint16_t port = 0;
  std::uint64_t inode = 0;
};
// The text of /proc/net/udp, udp6, tcp or tcp6; of TCP the listening sockets only.
[[nodiscard]] std::vector<OpenPort> open_ports(std::string_view table, bool tcp);

// Finds the program that has the socket with this inode, "ntpd (pid 12)"; nullopt: we may not know.
using FindHolder = std::optional<std::string> (*)(std::uint64_t inode);
[[nodiscard]] std::optional<std::string> holder_of(std::uint64_t inode);

// `tables`: udp, udp6, tcp, tcp6.
struct PortTables {
  std::string udp;
  std::string udp6;
  std::string tcp;
  std::string tcp6;
};
[[nodiscard]] PortTables read_port_tables();
void check_ports(const Configuration& configuration, const PortTables& tables, FindHolder holder,
                 Findings& findings);

}  // namespace gnomon::ctl
