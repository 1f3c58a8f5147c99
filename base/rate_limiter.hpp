// SPDX-License-Identifier: GPL-2.0-or-later
// Rate limiting per client address (chrony's ratelimit and ntsratelimit): token buckets in a table of fixed
// size. Owned by a server worker, or by the NTS-KE server.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"

namespace gnomon::base {

struct RateLimit {
  int interval = 3;  // log2 seconds
  int burst = 8;
  int leak = 2;  // log2
  int kod = 0;   // log2, 0: never
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

enum class Admission : std::uint8_t { pass, drop, kiss };

class RateLimiter {
 public:
  RateLimiter() = default;  // no limit: admits everything
  // `slots`: how many clients are remembered; the least recently seen of a bucket of the table gives way.
  RateLimiter(const RateLimit& limit, std::size_t slots, std::uint64_t seed);
  // IPv6 clients count by their /64. A fraction (2^-leak) of excess requests passes, 2^-kod of the rest gets
  // a kiss.
  [[nodiscard]] Admission admit(const IpAddress& client, MonoTime now, std::uint32_t random);

 private:
  struct Slot {
    IpAddress client;
    TokenBucket bucket;
  };
  std::optional<RateLimit> limit_;
  std::vector<Slot> slots_;
  std::uint64_t seed_ = 0;
};

}  // namespace gnomon::base
