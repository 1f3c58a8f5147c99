// SPDX-License-Identifier: GPL-2.0-or-later
// Subnets as chrony's allow and deny take them, addresses of interfaces and of sockets, and which addresses
// and ports can be an NTP server's, whoever names them: a configuration, a name server, or an NTS-KE server
// (docs/decisions/0056). Stateless.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"

namespace gnomon::config {

// ADDRESS, ADDRESS/BITS, and shortened IPv4: "10.1" is 10.1.0.0/16. A scope has no meaning here, and of an
// IPv4 address inside IPv6 notation a prefix length would count other bits than ours.
[[nodiscard]] std::optional<base::Subnet> parse_network(std::string_view text);

// The line of a directive for the core, which may not ask for interfaces: "bindaddress fe80::1%eth0" has the
// number of eth0, if there is one.
[[nodiscard]] std::string handed_over(std::string_view line);

// Why the address is nobody's: a clause. Empty: it can be a server's.
[[nodiscard]] std::string_view why_impossible(const base::IpAddress& address);
// Why requests do not go to a port that an NTS-KE server names: a clause. Empty: they do. `usual`: the one of
// NTP for this source.
[[nodiscard]] std::string_view why_refused(std::uint16_t port, std::uint16_t usual);

// --- what a socket of one family is bound to, by `bindaddress` or `bindacqaddress`
// None of this family: any address.
[[nodiscard]] inline base::IpAddress bind_address(const std::vector<base::IpAddress>& configured,
                                                  base::AddressFamily family) {
  const auto at = std::ranges::find(configured, family, &base::IpAddress::family);
  return at != configured.end() ? *at : base::IpAddress{.family = family};
}

}  // namespace gnomon::config
