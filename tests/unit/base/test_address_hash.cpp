// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/address_hash.hpp"

#include <array>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

IpAddress address(std::string_view text) {
  return parse_address(text).value_or(IpAddress{});
}

}  // namespace

TEST_CASE("an address has one hash for each seed, whatever its scope") {
  CHECK(seeded_hash(address("192.0.2.1"), 1) == seeded_hash(address("192.0.2.1"), 1));
  CHECK(seeded_hash(address("192.0.2.1"), 1) != seeded_hash(address("192.0.2.1"), 2));
  CHECK(seeded_hash(address("192.0.2.1"), 1) != seeded_hash(address("192.0.2.2"), 1));
  CHECK(seeded_hash(address("fe80::1%2"), 1) == seeded_hash(address("fe80::1%3"), 1));
  auto as_ipv6 = address("192.0.2.1");
  as_ipv6.family = AddressFamily::ipv6;
  CHECK(seeded_hash(address("192.0.2.1"), 1) != seeded_hash(as_ipv6, 1));
}

TEST_CASE("neighbouring addresses are spread over a table") {
  std::array<int, 256> hit{};
  auto each = address("2001:db8::");
  for (int i = 0; i < 256 * 64; ++i) {
    each.octets[15] = static_cast<std::uint8_t>(i);
    each.octets[14] = static_cast<std::uint8_t>(i >> 8);
    ++hit[seeded_hash(each, 7) >> 56U];
  }
  for (const int count : hit) CHECK((count > 16 && count < 160));
}
