// SPDX-License-Identifier: GPL-2.0-or-later
// Subnets as chrony's allow and deny take them, and addresses of interfaces. Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/address.hpp"

namespace gnomon::config {

// ADDRESS, ADDRESS/BITS, and shortened IPv4: "10.1" is 10.1.0.0/16. A scope has no meaning here, and of an
// IPv4 address inside IPv6 notation a prefix length would count other bits than ours.
[[nodiscard]] std::optional<base::Subnet> parse_network(std::string_view text);

// The line of a directive for the core, which may not ask for interfaces: "bindaddress fe80::1%eth0" has the
// number of eth0, if there is one.
[[nodiscard]] std::string handed_over(std::string_view line);

}  // namespace gnomon::config
