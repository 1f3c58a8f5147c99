// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/guest_turns.hpp"

#include <algorithm>

#include "base/address_hash.hpp"

namespace gnomon::core::cmdmon {

namespace {

bool is_local(const base::IpAddress& address) {
  return !address.is_specified() || address.is_loopback();
}

std::uint64_t hash_of(const base::Endpoint& guest, std::uint64_t seed) {
  constexpr std::uint8_t ipv6_site = 64;
  const auto& address = guest.address;
  if (is_local(address)) return base::seeded_hash(address, seed + guest.port + 1);
  const bool one = address.family == base::AddressFamily::ipv4;
  return base::seeded_hash(one ? address : base::network_of(address, ipv6_site).address, seed);
}

}  // namespace

GuestTurns::Share& GuestTurns::share_of(std::uint64_t guest) {
  auto& places = shares_[guest % shares_.size()];
  const auto known = std::ranges::find(places, guest, &Share::guest);
  if (known != places.end()) return *known;
  auto& rested = *std::ranges::min_element(places, {}, [](const Share& each) { return each.turns.filled; });
  rested = {guest, {.tokens = at_once}};
  return rested;
}

bool GuestTurns::take(const base::Endpoint& guest, base::MonoTime now) {
  auto& all = is_local(guest.address) ? local_ : remote_;
  return share_of(hash_of(guest, seed_)).turns.take(at_once, interval, now) &&
         all.take(all_at_once, interval_of_all, now);
}

}  // namespace gnomon::core::cmdmon
