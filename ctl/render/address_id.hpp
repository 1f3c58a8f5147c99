// SPDX-License-Identifier: GPL-2.0-or-later
// The reference ID that stands for an address (RFC 5905 section 7.3): the IPv4 address itself, or the first
// four octets of the MD5 digest of the IPv6 address.
#pragma once

#include <cstdint>

#include "base/address.hpp"

namespace gnomon::ctl {

// 0 for an unspecified address.
[[nodiscard]] std::uint32_t address_id(const base::IpAddress& address);

}  // namespace gnomon::ctl
