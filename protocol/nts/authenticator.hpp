// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS Authenticator and Encrypted Extension Fields field (RFC 8915 section 5.6), shared by both sides:
//   nonce length (2) | ciphertext length (2) | nonce, padded to 4 | ciphertext, padded to 4 | more padding
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/ntp/packet.hpp"
#include "protocol/nts/protection.hpp"

namespace gnomon::protocol {

inline constexpr std::size_t lengths_size = 4;  // octets of both lengths, before nonce and ciphertext

struct Authenticator {
  base::Bytes nonce;
  base::Bytes ciphertext;
};

// nullopt: lengths that do not fit the body, no nonce, no room for a tag.
[[nodiscard]] std::optional<Authenticator> read_authenticator(base::Bytes body);

// Octets of the whole field around a plaintext.
[[nodiscard]] std::size_t authenticator_size(std::size_t nonce_size, std::size_t plaintext_size);

// Appends the field; associated data is what the writer holds already. False when it does not fit, and then
// what was written is of no use. The field is padded to `size` octets, where that is more than it needs.
[[nodiscard]] bool write_authenticator(const Aead& aead, const NonceEntropy& nonce, base::Bytes plaintext,
                                       std::size_t size, base::ByteWriter& writer);

// The next extension field of a decrypted plaintext: here the shortest has four octets. nullopt at a field
// that does not fit; ask the reader first whether anything is left.
struct InnerField {
  std::uint16_t type;
  base::Bytes body;
};
[[nodiscard]] std::optional<InnerField> read_inner_field(base::ByteReader& reader);

[[nodiscard]] constexpr bool is(std::uint16_t type, FieldType expected) {
  return type == static_cast<std::uint16_t>(expected);
}

}  // namespace gnomon::protocol
