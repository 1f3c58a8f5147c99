// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/address_hash.hpp"

#include <array>
#include <bit>

namespace gnomon::base {

namespace {

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

}  // namespace

std::uint64_t seeded_hash(const IpAddress& address, std::uint64_t seed) {
  const auto [high, low] = std::bit_cast<std::array<std::uint64_t, 2>>(address.octets);
  return mix(mix(mix(seed ^ high) ^ low) ^ static_cast<std::uint64_t>(address.family));
}

}  // namespace gnomon::base
