// SPDX-License-Identifier: GPL-2.0-or-later
// How an address becomes a reference id (RFC 5905 section 7.3). Stateless; nobody owns anything.
#pragma once

#include "base/address.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

// IPv4: the address itself. IPv6: the first four octets of its MD5. Unspecified: zero.
[[nodiscard]] base::ReferenceId reference_id_of(const base::IpAddress& address);

}  // namespace gnomon::engine
