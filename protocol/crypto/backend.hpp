// SPDX-License-Identifier: GPL-2.0-or-later
// What the two implementations of the AEADs provide to Aead, which has checked every size before it calls.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"

namespace gnomon::protocol {

// Room for what one key leaves prepared: the raw key here, round keys and subkeys there. The largest is
// AES-SIV-CMAC-512: two AES-256 schedules of 15 blocks, two CMAC subkeys and the MAC of a zero block.
inline constexpr std::size_t schedule_size = std::size_t{33} * 16;

// Every seal writes plaintext.size() + 16 octets to out, every open ciphertext.size() - 16. A failed open
// leaves there what is not to be used: Aead wipes it. SIV: an empty nonce is no string at all (RFC 5297's
// deterministic use).
namespace portable {
void siv_seal(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes plaintext,
              base::MutableBytes out);
bool siv_open(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes ciphertext,
              base::MutableBytes out);
void gcm_siv_seal(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes plaintext,
                  base::MutableBytes out);
bool gcm_siv_open(base::Bytes key, base::Bytes nonce, base::Bytes associated, base::Bytes ciphertext,
                  base::MutableBytes out);
}  // namespace portable

// AES-NI and PCLMULQDQ. Only to be called where available() says so. The schedule is 16-octet aligned and
// schedule_size long; it is filled by prepare and read by the others.
namespace accelerated {
[[nodiscard]] bool available();
void siv_prepare(base::Bytes key, base::MutableBytes schedule);  // key: 32 or 64 octets
void siv_seal(std::size_t key_size, base::Bytes schedule, base::Bytes nonce, base::Bytes associated,
              base::Bytes plaintext, base::MutableBytes out);
bool siv_open(std::size_t key_size, base::Bytes schedule, base::Bytes nonce, base::Bytes associated,
              base::Bytes ciphertext, base::MutableBytes out);
void gcm_siv_prepare(base::Bytes key, base::MutableBytes schedule);
void gcm_siv_seal(base::Bytes schedule, base::Bytes nonce, base::Bytes associated, base::Bytes plaintext,
                  base::MutableBytes out);
bool gcm_siv_open(base::Bytes schedule, base::Bytes nonce, base::Bytes associated, base::Bytes ciphertext,
                  base::MutableBytes out);
}  // namespace accelerated

}  // namespace gnomon::protocol
