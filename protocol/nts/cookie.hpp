// SPDX-License-Identifier: GPL-2.0-or-later
// Server cookies and the keys that seal them (RFC 8915 section 6): key id (4) | nonce | AEAD(S2C and C2S).
// Owned by the core.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "protocol/crypto/aead.hpp"
#include "protocol/nts/protection.hpp"
#include "protocol/nts/session.hpp"

namespace gnomon::protocol {

// One master key. chrony's id rule: the low two bits of the id are its slot.
struct CookieKey {
  std::uint32_t id = 0;
  AeadId aead = AeadId::aes_128_gcm_siv;
  base::Secret key;
};

// Four slots as chrony keeps them: two previous keys, the current, the one made ahead. Values; rotation gives
// a new set.
struct KeySet {
  static constexpr std::size_t slots = 4;
  std::array<CookieKey, slots> keys;  // index = id & 3
  std::uint8_t current = 0;           // slot of the key that seals
};
// 128 octets of entropy: fresh keys and ids for all slots.
[[nodiscard]] KeySet make_key_set(base::Bytes entropy);
// The pre-made key becomes current, a new one (from 64 octets of entropy) is made ahead, the oldest is
// forgotten. The new one has the AEAD of the current: the length of cookies does not change, and who reads
// the file goes on to know the algorithm.
[[nodiscard]] KeySet rotate(const KeySet& set, base::Bytes entropy);

// chrony's `ntskeys` text: NKS1, age of the current key in seconds, four keys oldest to future. Keys that are
// all of AEAD_AES_SIV_CMAC_256 are written as NKS0, the only form that chrony before 4.4 reads; all read it.
[[nodiscard]] std::string to_key_file(const KeySet& set, base::Seconds age);
struct KeyFile {
  KeySet set;
  base::Seconds age{};
};
[[nodiscard]] std::expected<KeyFile, std::string> parse_key_file(
    std::string_view text);  // error: what is wrong, by line

// Opens and seals with prepared key schedules; one per thread, built from key sets and immutable.
class CookieSealer {
 public:
  // The first set seals, all open.
  explicit CookieSealer(std::span<const KeySet> sets);
  explicit CookieSealer(const KeySet& set) : CookieSealer(std::span{&set, 1}) {}
  // nullopt: unknown id, bad tag or bad lengths: answer with a NAK.
  [[nodiscard]] std::optional<SessionKeys> open(base::Bytes cookie) const;
  // Writes one cookie of cookie_size(keys.aead) octets; false when it does not fit. Same size over rotations.
  [[nodiscard]] bool seal(const SessionKeys& keys, const NonceEntropy& nonce, base::MutableBytes out) const;
  [[nodiscard]] std::size_t cookie_size(AeadId session) const;

 private:
  void add(const CookieKey& key);

  std::vector<std::uint32_t> ids_;
  std::vector<Aead> aeads_;  // of ids_
  std::optional<std::size_t> current_;
};

}  // namespace gnomon::protocol
