// SPDX-License-Identifier: GPL-2.0-or-later
// The primitives of a handshake that another library computes sooner than wolfCrypt: a table of functions
// that the module gnomon-primitives.so fills in. Single-threaded; a false result means failure and leaves no
// secret in the output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gnomon::ntske {

using Input = std::span<const std::uint8_t>;
template <std::size_t Size>
using InputOf = std::span<const std::uint8_t, Size>;
template <std::size_t Size>
using OutputOf = std::span<std::uint8_t, Size>;

inline constexpr std::size_t sha256_block = 64;
inline constexpr std::size_t x25519_size = 32;
inline constexpr std::size_t p256_size = 32;
inline constexpr std::size_t p256_point_size = 65;  // uncompressed (SEC 1 section 2.3.3)

struct SigningKey;  // the module's

struct Primitives {
  // FIPS 180-4 section 6.2.2 over whole blocks.
  void (*sha256)(std::span<std::uint32_t, 8> state, Input blocks);

  // RFC 7748. A shared secret of zeros is a failure.
  bool (*x25519_generate)(OutputOf<x25519_size> private_key, OutputOf<x25519_size> public_key);
  bool (*x25519_agree)(InputOf<x25519_size> private_key, InputOf<x25519_size> peer,
                       OutputOf<x25519_size> secret);

  // ECDH on P-256 (SEC 1 section 3.3.1). A peer that is not on the curve is a failure.
  bool (*p256_generate)(OutputOf<p256_size> private_key, OutputOf<p256_point_size> public_key);
  bool (*p256_agree)(InputOf<p256_size> private_key, InputOf<p256_point_size> peer,
                     OutputOf<p256_size> secret);

  // Of a private key in DER, RSA or elliptic; null: neither.
  SigningKey* (*new_key)(Input der);
  void (*free_key)(SigningKey* key);  // wipes it
  // Signs a digest, by ECDSA, or RSASSA-PSS with the digest's own hash function and a salt of its size. The
  // signature's size; 0: failure.
  std::size_t (*sign)(SigningKey& key, Input digest, std::span<std::uint8_t> signature);
};

inline constexpr const char* primitives_entry =
    "gnomon_primitives_1";                        // the number rises with any change above
using PrimitivesEntry = const Primitives* (*)();  // null: the library does not work

}  // namespace gnomon::ntske
