// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/rate_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace gnomon::base {

namespace {

constexpr std::size_t ways = 4;  // slots a client may be in

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

// Seeded, so that nobody can choose addresses that push a certain client out.
std::uint64_t hash(const IpAddress& address, std::uint64_t seed) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high = (high << 8U) | address.octets[i];
    low = (low << 8U) | address.octets[i + 8];
  }
  return mix(mix(mix(seed ^ high) ^ low) ^ static_cast<std::uint64_t>(address.family));
}

IpAddress counted_as(IpAddress address) {
  address.scope = 0;
  if (address.family == AddressFamily::ipv6)
    std::fill(address.octets.begin() + 8, address.octets.end(), std::uint8_t{0});
  return address;
}

// True with probability 2^-log2.
bool one_in(int log2, std::uint32_t random) {
  const auto bits = static_cast<unsigned>(std::clamp(log2, 0, 16));
  return (random & ((1U << bits) - 1U)) == 0;
}

}  // namespace

RateLimiter::RateLimiter(const RateLimit& limit, std::size_t slots, std::uint64_t seed)
    : limit_(limit), slots_(std::max<std::size_t>((slots + ways - 1) / ways, 1) * ways), seed_(seed) {}

Admission RateLimiter::admit(const IpAddress& client, MonoTime now, std::uint32_t random) {
  if (!limit_) return Admission::pass;
  const IpAddress who = counted_as(client);
  const std::size_t sets = slots_.size() / ways;
  const auto set = std::span(slots_).subspan(static_cast<std::size_t>(hash(who, seed_) % sets) * ways, ways);
  const double burst = std::max(limit_->burst, 1);
  auto slot = std::find_if(set.begin(), set.end(), [&who](const Slot& s) { return s.client == who; });
  if (slot == set.end()) {
    slot = std::min_element(set.begin(), set.end(),
                            [](const Slot& a, const Slot& b) { return a.bucket.filled < b.bucket.filled; });
    *slot = {who, {burst, now}};
  }
  if (slot->bucket.take(burst, Seconds{std::ldexp(1.0, limit_->interval)}, now)) return Admission::pass;
  // Some answers get through, or a forged flood in a client's name would cut it off altogether.
  if (limit_->leak > 0 && one_in(limit_->leak, random & 0xffffU)) return Admission::pass;
  if (limit_->kod > 0 && one_in(limit_->kod, random >> 16U)) return Admission::kiss;
  return Admission::drop;
}

}  // namespace gnomon::base
