// SPDX-License-Identifier: GPL-2.0-or-later
// Digests that only who has the key can compute: hashes of key and message (RFC 5905 section 7.3), and
// AES-CMAC (RFC 4493, RFC 8573).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "protocol/crypto/key_type.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t max_digest_size = 64;
using KeyedDigest = std::array<std::uint8_t, max_digest_size>;

// Whether this wolfSSL was built with it.
[[nodiscard]] bool is_supported(KeyType type);

// The first traits(type).digest_size octets of the result; no allocation. Only of a supported type; an AES
// key has the size that its type says. Throws std::logic_error otherwise.
[[nodiscard]] KeyedDigest keyed_digest(KeyType type, base::Bytes key, base::Bytes message);

}  // namespace gnomon::protocol
