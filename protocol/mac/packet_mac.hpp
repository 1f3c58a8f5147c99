// SPDX-License-Identifier: GPL-2.0-or-later
// The MAC at the end of a packet (RFC 5905 section 7.3): key number and digest over all that stands before
// it. In version 4 a digest is cut to 20 octets, so that no MAC looks like an extension field (RFC 7822); in
// older versions nothing is cut.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "protocol/mac/symmetric_keys.hpp"
#include "protocol/ntp/packet.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t key_id_size = 4;                  // octets, before the digest
inline constexpr std::size_t max_mac_size = key_id_size + 64;  // octets, in any version

// Whether version 4 would cut the digest. chrony then asks in version 3, which older chronyds understand.
[[nodiscard]] bool is_cut_in_version_4(KeyType type);
// Of the packet whose first `size` octets have been written; the new size, 0: it does not fit. No allocation.
[[nodiscard]] std::size_t append_mac(const SymmetricKey& key, std::uint8_t version, std::size_t size,
                                     base::MutableBytes datagram);
// nullopt: there is no MAC, or one of a length that no digest has (a crypto-NAK is such a one).
[[nodiscard]] std::optional<std::uint32_t> mac_key_id(const Packet& packet);
// Packet and datagram belong together. False for a packet without a MAC, or with that of another key. The
// time it takes does not depend on where the digests differ.
[[nodiscard]] bool is_mac_of(const SymmetricKey& key, const Packet& packet, base::Bytes datagram);

}  // namespace gnomon::protocol
