// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/render/address_id.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;

namespace {
std::uint32_t id_of(std::string_view text) {
  return ctl::address_id(base::parse_address(text).value_or(base::IpAddress{}));
}
}  // namespace

TEST_CASE("the ID of an IPv4 address is the address") {
  CHECK(id_of("127.0.0.9") == 0x7F000009);
  CHECK(id_of("192.0.2.255") == 0xC00002FF);
}

TEST_CASE("the ID of an IPv6 address begins its MD5 digest") {
  // printf of the 16 octets, md5sum
  CHECK(id_of("::1") == 0xCF404DC8);
  CHECK(id_of("2001:db8::123:4567:89ab:cdef") == 0x732E3E47);
  CHECK(id_of("::") == 0x4AE71336);
}

TEST_CASE("no address, no ID") {
  CHECK(ctl::address_id({}) == 0);
}
