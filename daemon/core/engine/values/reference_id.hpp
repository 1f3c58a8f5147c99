// SPDX-License-Identifier: GPL-2.0-or-later
// How an address becomes a reference id, and what one says (RFC 5905 section 7.3). Stateless; nobody owns
// anything.
#pragma once

#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

// IPv4: the address itself. IPv6: the first four octets of its MD5. Unspecified: zero.
[[nodiscard]] base::ReferenceId reference_id_of(const base::IpAddress& address);

// Of an address that is another machine's as well: those of loopback, but chrony's and ntpd's
// pseudo-addresses of clocks (127.127.*); private and shared ones of IPv4 (RFC 1918, RFC 6598) and link-local
// ones (RFC 3927).
[[nodiscard]] bool is_loopback_id(base::ReferenceId id);
[[nodiscard]] bool is_private_id(base::ReferenceId id);
// Likewise an address: of this machine or of its own network.
[[nodiscard]] bool is_private(const base::IpAddress& address);

// Four characters, as many as there are, the rest zero; of a text longer than that the first ones.
[[nodiscard]] base::ReferenceId reference_id_of_text(std::string_view text);
// What can be printed of it: "PPS0", "GPS".
[[nodiscard]] std::string text_of(base::ReferenceId id);
// Of a kiss code: "DENY"; empty: these are no letters.
[[nodiscard]] std::string letters_of(base::ReferenceId code);

}  // namespace gnomon::engine
