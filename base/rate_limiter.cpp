// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/rate_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/address_hash.hpp"

namespace gnomon::base {

namespace {

constexpr std::size_t ways = 4;  // slots a client may be in

constexpr std::uint8_t limits_of_network = 16;

// Of an IPv6 address its network, and which of the limits of that.
IpAddress counted_as(IpAddress address, std::uint64_t seed) {
  address.scope = 0;
  if (address.family != AddressFamily::ipv6) return address;
  const auto share = static_cast<std::uint8_t>(seeded_hash(address, seed) % limits_of_network);
  std::fill(address.octets.begin() + 8, address.octets.end(), std::uint8_t{0});
  address.octets.back() = share;
  return address;
}

// True with probability 2^-log2.
bool one_in(int log2, std::uint32_t random) {
  const auto bits = static_cast<unsigned>(std::clamp(log2, 0, 16));
  return (random & ((1U << bits) - 1U)) == 0;
}

// The time in a slot goes round after 2^40 steps, an hour at least.
constexpr unsigned time_bits = 40;
constexpr std::uint64_t time_mask = (std::uint64_t{1} << time_bits) - 1;
constexpr int log2_steps = 8;  // of an interval
constexpr std::int64_t steps = 1 << log2_steps;
constexpr std::int64_t most_ahead = 256 * steps;  // a burst is 255 at most

std::uint64_t tag_of(std::uint64_t hash) {
  return std::max<std::uint64_t>(hash >> time_bits, 1) << time_bits;
}

std::uint64_t steps_of(MonoTime now, Log2Seconds interval) {
  const double seconds = to_seconds(now.time_since_epoch()).count();
  return static_cast<std::uint64_t>(std::ldexp(seconds, log2_steps - interval.value));
}

// How many steps from now until the tokens are all there again, negative: since then. What no burst explains
// is left from an earlier round.
std::int64_t ahead(std::uint64_t slot, std::uint64_t now) {
  constexpr unsigned rest = 64 - time_bits;
  const auto difference = static_cast<std::int64_t>((slot - now) << rest) >> rest;
  return difference > most_ahead ? -static_cast<std::int64_t>(time_mask / 2) : difference;
}

}  // namespace

RateLimiter::RateLimiter(const RateLimit& limit, std::size_t slots, std::uint64_t seed)
    : limit_(limit),
      own_slots_(std::max<std::size_t>((slots + ways - 1) / ways, 1) * ways),
      slots_(own_slots_),
      seed_(seed) {}

RateLimiter::RateLimiter(const RateLimit& limit, std::span<Slot> slots, std::uint64_t seed)
    : limit_(limit), slots_(slots.first(slots.size() / ways * ways)), seed_(seed) {}

bool RateLimiter::take_token(std::uint64_t client, MonoTime now, WithoutToken without) {
  const auto set = slots_.subspan(static_cast<std::size_t>(client % (slots_.size() / ways)) * ways, ways);
  const auto tag = tag_of(client);
  const auto current = steps_of(now, limit_->interval);
  // Several workers may want the same slot; one that loses repeatedly gets no token.
  for (int tries = 0; tries < 4; ++tries) {
    Slot* chosen = nullptr;
    std::uint64_t value = 0;
    for (auto& slot : set) {
      const auto here = slot.load(std::memory_order_relaxed);
      const bool known = (here & ~time_mask) == tag;
      if (!known && chosen != nullptr && ahead(here, current) >= ahead(value, current)) continue;
      chosen = &slot;
      value = here;
      if (known) break;
    }
    const bool known = (value & ~time_mask) == tag;
    const auto owed = known ? std::max<std::int64_t>(ahead(value, current), 0) : 0;
    const auto most = std::max(limit_->burst, 1) * steps;
    if (owed + steps > most && without == WithoutToken::refuse) return false;
    const auto then = static_cast<std::uint64_t>(std::min(owed + steps, most));
    const auto wanted = tag | ((current + then) & time_mask);
    if (chosen->compare_exchange_strong(value, wanted, std::memory_order_relaxed)) return true;
  }
  return false;
}

Admission RateLimiter::admit(const IpAddress& client, MonoTime now, std::uint32_t random) {
  if (!limit_) return Admission::pass;
  const auto who = seeded_hash(counted_as(client, seed_), seed_);
  if (take_token(who, now, WithoutToken::refuse)) return Admission::pass;
  // Some answers get through, or a forged flood in a client's name would cut it off altogether. They use up
  // what has come together for the next one, or a client at twice the rate would get more than the limit.
  if (limit_->leak > 0 && one_in(limit_->leak, random & 0xffffU)) {
    static_cast<void>(take_token(who, now, WithoutToken::use_up));
    return Admission::pass;
  }
  if (limit_->kod > 0 && one_in(limit_->kod, random >> 16U)) return Admission::kiss;
  return Admission::drop;
}

}  // namespace gnomon::base
