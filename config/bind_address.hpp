// SPDX-License-Identifier: GPL-2.0-or-later
// What a socket of one family is bound to, by `bindaddress` or `bindacqaddress`.
#pragma once

#include <algorithm>
#include <vector>

#include "base/address.hpp"

namespace gnomon::config {

// None of this family: any address.
[[nodiscard]] inline base::IpAddress bind_address(const std::vector<base::IpAddress>& configured,
                                                  base::AddressFamily family) {
  const auto at = std::ranges::find(configured, family, &base::IpAddress::family);
  return at != configured.end() ? *at : base::IpAddress{.family = family};
}

}  // namespace gnomon::config
