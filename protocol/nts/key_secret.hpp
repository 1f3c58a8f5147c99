// SPDX-License-Identifier: GPL-2.0-or-later
// Cookie keys that many servers derive from one secret, each by itself: one key for every period of UTC, so
// that all of them can open the cookies of each. Owned by the core.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "base/time.hpp"
#include "protocol/nts/cookie.hpp"
#include "protocol/nts/key_secret_file.hpp"

namespace gnomon::protocol {

// What the keys of all periods follow from.
class KeySecret {
 public:
  static constexpr std::size_t min_size = min_secret_size;  // octets

  // `secret`: min_size octets or more; only what HKDF extracts from it is kept.
  explicit KeySecret(base::Bytes secret);
  // The key of a period: the same from every server with this secret and this rotation. Its id's low two bits
  // are the period's, the others are derived as the key is.
  [[nodiscard]] CookieKey key(std::chrono::seconds rotation, std::int64_t period) const;
  // Those of two periods before, of `period`, which seals, and of the one after it, which other servers may
  // have begun.
  [[nodiscard]] KeySet keys(std::chrono::seconds rotation, std::int64_t period) const;
  // Eight hexadecimal digits for people to compare: equal for equal secrets, another one by a chance of
  // 2^-32. Derived apart from every key: whoever knows it can test a guess of the secret, as with any cookie,
  // no more.
  [[nodiscard]] std::string fingerprint() const;
  friend bool operator==(const KeySecret&, const KeySecret&) = default;

 private:
  base::Secret root_;
};

// The periods follow each other from 1970-01-01 00:00 UTC on. rotation: 1 s or more.
[[nodiscard]] std::int64_t period_at(base::RealTime time, std::chrono::seconds rotation);
[[nodiscard]] base::RealTime begin_of_period(std::int64_t period, std::chrono::seconds rotation);

// See octets_of_secrets().
[[nodiscard]] std::expected<std::vector<KeySecret>, std::string> parse_key_secrets(std::string_view text);

}  // namespace gnomon::protocol
