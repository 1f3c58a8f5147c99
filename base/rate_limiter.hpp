// SPDX-License-Identifier: GPL-2.0-or-later
// Rate limiting per client address (chrony's ratelimit and ntsratelimit): token buckets in a table of fixed
// size. Owned by the NTP server and shared by its workers, or in memory that the NTS-KE server processes
// share.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.hpp"
#include "base/log2_seconds.hpp"
#include "base/time.hpp"

namespace gnomon::base {

struct RateLimit {
  Log2Seconds interval{3};
  int burst = 8;
  int leak = 2;  // log2
  int kod = 0;   // log2, 0: never
  friend bool operator==(const RateLimit&, const RateLimit&) = default;
};

enum class Admission : std::uint8_t { pass, drop, kiss };

class RateLimiter {
 public:
  // 24 bits of the client's hash, never zero, and 40 bits of time: when its tokens will be all there again,
  // in 256ths of the interval. Zero: empty. Clients whose 24 bits are equal share a limit, one in four
  // million.
  using Slot = std::atomic<std::uint64_t>;
  static_assert(Slot::is_always_lock_free);  // in memory of several processes

  RateLimiter() = default;  // no limit: admits everything
  // `slots`: how many clients are remembered; of four that share a group the one that has been idle
  // longest makes room.
  RateLimiter(const RateLimit& limit, std::size_t slots, std::uint64_t seed);
  // In slots that others use as well, with the same limit and seed; they outlive it, four at least.
  RateLimiter(const RateLimit& limit, std::span<Slot> slots, std::uint64_t seed);
  // IPv6 clients count by their /64, in which addresses share sixteen limits: a host that takes other
  // addresses of its network has no more than these, and room for no more. A fraction (2^-leak) of excess
  // requests passes, 2^-kod of the rest gets a kiss. From several threads at once, without a lock: a request
  // that is refused writes nothing.
  [[nodiscard]] Admission admit(const IpAddress& client, MonoTime now, std::uint32_t random);

 private:
  enum class WithoutToken : std::uint8_t { refuse, use_up };
  [[nodiscard]] bool take_token(std::uint64_t client, MonoTime now, WithoutToken without);

  std::optional<RateLimit> limit_;
  std::vector<Slot> own_slots_;
  std::span<Slot> slots_;
  std::uint64_t seed_ = 0;
};

}  // namespace gnomon::base
