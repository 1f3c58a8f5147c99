// SPDX-License-Identifier: GPL-2.0-or-later
// Subnets as chrony's allow and deny take them. Stateless.
#pragma once

#include <optional>
#include <string_view>

#include "base/address.hpp"

namespace gnomon::config {

// ADDRESS, ADDRESS/BITS, and shortened IPv4: "10.1" is 10.1.0.0/16. A scope has no meaning here, and of an
// IPv4 address inside IPv6 notation a prefix length would count other bits than ours.
[[nodiscard]] std::optional<base::Subnet> parse_network(std::string_view text);

}  // namespace gnomon::config
