// SPDX-License-Identifier: GPL-2.0-or-later
// Response rate limiting per client address (chrony's ratelimit): token buckets in a table of fixed size, one
// per worker.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.hpp"
#include "base/time.hpp"
#include "config/config.hpp"

namespace gnomon::engine {

enum class Admission : std::uint8_t { pass, drop, kiss };

class RateLimiter {
 public:
  RateLimiter() = default;  // no limit: admits everything
  // `slots`: how many clients are remembered; the least recently seen of a bucket of the table gives way.
  RateLimiter(const config::RateLimit& limit, std::size_t slots, std::uint64_t seed);
  // IPv6 clients count by their /64. A fraction (2^-leak) of excess requests passes, 2^-kod of the rest gets
  // a kiss.
  [[nodiscard]] Admission admit(const base::IpAddress& client, base::MonoTime now, std::uint32_t random);

 private:
  struct Slot {
    base::IpAddress client;
    base::MonoTime updated;
    double tokens = 0;
  };
  std::optional<config::RateLimit> limit_;
  std::vector<Slot> slots_;
  std::uint64_t seed_ = 0;
};

}  // namespace gnomon::engine
