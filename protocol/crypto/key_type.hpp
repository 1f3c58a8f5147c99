// SPDX-License-Identifier: GPL-2.0-or-later
// Which types of symmetric keys exist, under the names of chrony's key files: what a command line needs to
// know about them, without their code.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gnomon::protocol {

// chrony's numbers, which its reports show.
enum class KeyType : std::uint8_t {
  md5 = 1,
  sha1 = 2,
  sha256 = 3,
  sha384 = 4,
  sha512 = 5,
  sha3_224 = 6,
  sha3_256 = 7,
  sha3_384 = 8,
  sha3_512 = 9,
  aes128 = 13,  // AES-CMAC
  aes256 = 14
};

struct KeyTypeTraits {
  KeyType type;
  std::string_view name;
  std::size_t digest_size;  // octets
  std::size_t key_size;     // octets; 0: a hash, whose key has any length
};

inline constexpr std::array key_types{
    KeyTypeTraits{KeyType::md5, "MD5", 16, 0},           KeyTypeTraits{KeyType::sha1, "SHA1", 20, 0},
    KeyTypeTraits{KeyType::sha256, "SHA256", 32, 0},     KeyTypeTraits{KeyType::sha384, "SHA384", 48, 0},
    KeyTypeTraits{KeyType::sha512, "SHA512", 64, 0},     KeyTypeTraits{KeyType::sha3_224, "SHA3-224", 28, 0},
    KeyTypeTraits{KeyType::sha3_256, "SHA3-256", 32, 0}, KeyTypeTraits{KeyType::sha3_384, "SHA3-384", 48, 0},
    KeyTypeTraits{KeyType::sha3_512, "SHA3-512", 64, 0}, KeyTypeTraits{KeyType::aes128, "AES128", 16, 16},
    KeyTypeTraits{KeyType::aes256, "AES256", 16, 32}};

[[nodiscard]] constexpr KeyTypeTraits traits(KeyType type) {
  return *std::ranges::find(key_types, type, &KeyTypeTraits::type);  // every type has its row
}

// Capitals count, as they do for chrony.
[[nodiscard]] constexpr std::optional<KeyType> key_type_named(std::string_view name) {
  const auto* const found = std::ranges::find(key_types, name, &KeyTypeTraits::name);
  if (found == key_types.end()) return std::nullopt;
  return found->type;
}

}  // namespace gnomon::protocol
