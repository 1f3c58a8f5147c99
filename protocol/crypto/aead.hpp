// SPDX-License-Identifier: GPL-2.0-or-later
// Authenticated encryption as NTS uses it (RFC 5116 shape): one interface over AES-SIV-CMAC and AES-GCM-SIV.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"

namespace gnomon::protocol {

// Numbers of the IANA AEAD registry.
enum class AeadId : std::uint16_t { aes_siv_cmac_256 = 15, aes_siv_cmac_512 = 17, aes_128_gcm_siv = 30 };

struct AeadTraits {
  std::size_t key_size;    // octets
  std::size_t nonce_size;  // octets, the size we send; SIV accepts any of 1 or more
  std::string_view name;
};
inline constexpr std::size_t aead_tag_size = 16;

[[nodiscard]] std::optional<AeadId> aead_from_number(std::uint16_t number);  // nullopt: not supported here
[[nodiscard]] AeadTraits traits(AeadId id);

enum class AeadError : std::uint8_t {
  bad_key_size,
  bad_nonce_size,
  too_short,
  not_authentic,
  output_too_small
};

// Which code computes: `automatic` takes AES-NI where the processor has it, wolfCrypt otherwise.
enum class AeadBackend : std::uint8_t { automatic, portable, accelerated };
[[nodiscard]] bool accelerated_available();

// A key with its prepared schedule, held inside the object (no heap: the server makes one per packet), wiped
// on destruction. Moved, not copied. One object serves one thread at a time.
class Aead {
 public:
  // The error is bad_key_size only. Asking for `accelerated` without the hardware gives portable.
  [[nodiscard]] static std::expected<Aead, AeadError> make(AeadId id, base::Bytes key,
                                                           AeadBackend backend = AeadBackend::automatic);
  [[nodiscard]] AeadId id() const;
  // out: exactly plaintext.size() + aead_tag_size octets are written and their count returned. Layout: SIV
  // tag first, GCM-SIV tag last. out may not overlap the inputs. Nonce: SIV >= 1 octet, GCM-SIV exactly 12.
  [[nodiscard]] std::expected<std::size_t, AeadError> seal(base::Bytes nonce, base::Bytes associated,
                                                           base::Bytes plaintext,
                                                           base::MutableBytes out) const;
  // out: ciphertext.size() - aead_tag_size octets. On not_authentic nothing of the plaintext is left in out.
  [[nodiscard]] std::expected<std::size_t, AeadError> open(base::Bytes nonce, base::Bytes associated,
                                                           base::Bytes ciphertext,
                                                           base::MutableBytes out) const;
  // private part: protocol/crypto's owner fills it in
};

}  // namespace gnomon::protocol
