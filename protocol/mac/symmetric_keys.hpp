// SPDX-License-Identifier: GPL-2.0-or-later
// The symmetric keys that we share with servers and clients, by their numbers. Immutable, and shared by all
// who use them.
#pragma once

#include <cstdint>
#include <map>

#include "base/secret.hpp"
#include "protocol/crypto/key_type.hpp"

namespace gnomon::protocol {

using KeyOctets = base::SecretUpTo<1024>;

struct SymmetricKey {
  std::uint32_t id = 0;  // 1 or more
  KeyType type = KeyType::md5;
  KeyOctets octets;

  // chrony's least: fewer than 80 bits can be guessed.
  static constexpr std::size_t least_secure_size = 10;
  [[nodiscard]] bool is_short() const { return octets.size() < least_secure_size; }
};

class SymmetricKeys {
 public:
  // False: there is a key with that number already, which stays.
  bool add(SymmetricKey key);

  [[nodiscard]] const SymmetricKey* find(std::uint32_t id) const;  // nullptr: there is none
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  std::map<std::uint32_t, SymmetricKey> keys_;
};

}  // namespace gnomon::protocol
