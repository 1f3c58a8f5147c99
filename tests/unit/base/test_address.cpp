// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/address.hpp"

#include <arpa/inet.h>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

TEST_CASE("literal addresses are read and written back") {
  for (const std::string text : {"127.0.0.1", "192.0.2.255", "::1", "2001:db8::5", "fe80::1%7"})
    CHECK(to_string(*parse_address(text)) == text);
}

TEST_CASE("what is not a literal address is refused") {
  for (const std::string text :
       {"", "localhost", "1.2.3", "1.2.3.4.5", "::g", "127.0.0.1%1", "fe80::1%lo", "256.1.1.1"})
    CHECK_FALSE(parse_address(text));
}

TEST_CASE("addresses are read and written as libc does") {
  const auto seen_by_libc = [](int family, const std::string& text) -> std::string {
    std::array<std::uint8_t, 16> octets{};
    std::array<char, INET6_ADDRSTRLEN> written{};
    if (inet_pton(family, text.c_str(), octets.data()) != 1) return "";
    return inet_ntop(family, octets.data(), written.data(), written.size());
  };
  const std::string text = GENERATE(
      "0.0.0.0", "1.2.3.04", "1.2.3.0004", "1.2.3.", ".1.2.3", "1..2.3", "+1.2.3.4", "1.2.3.4 ", "::", ":",
      ":::", "1::", "::1", "1::2::3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "1:2:3:4::5:6:7:8",
      "12345::", "0001::", "1:", ":1", "1::2:", ":1::2", "1:::2", "::1.2.3.4", "::1.2.3.4:5",
      "1.2.3.4::", "64:ff9b::192.0.2.33", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
      "::0102:0304", "::1:2:3", "1:0:0:2:0:0:0:3", "1:0:2:0:3:0:4:0", "2001:DB8:0:0:1:0:0:1",
      "0:0:0:0:0:0:0:0", "::g", "::-1", "0x1::", "fe80::ffff", "1:2:3:4:5:6:7:0");
  const auto libc = seen_by_libc(AF_INET, text) + seen_by_libc(AF_INET6, text);
  const auto ours = parse_address(text);
  CHECK((ours ? to_string(*ours) : "") == libc);
}

TEST_CASE("an IPv4-mapped address becomes the IPv4 address") {
  CHECK(parse_address("::ffff:192.0.2.1") == parse_address("192.0.2.1"));
}

TEST_CASE("endpoints put IPv6 into brackets") {
  CHECK(to_string(Endpoint{*parse_address("::1"), 123}) == "[::1]:123");
  CHECK(to_string(Endpoint{*parse_address("10.0.0.1"), 4460}) == "10.0.0.1:4460");
}

TEST_CASE("a subnet holds addresses that share its first bits") {
  const Subnet subnet{*parse_address("10.1.128.0"), 17};
  CHECK(contains(subnet, *parse_address("10.1.255.1")));
  CHECK_FALSE(contains(subnet, *parse_address("10.1.127.1")));
  CHECK_FALSE(contains(subnet, *parse_address("::1")));
  CHECK(contains(Subnet{}, *parse_address("::1")));
}
