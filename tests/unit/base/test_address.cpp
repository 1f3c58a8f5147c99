// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/address.hpp"

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

TEST_CASE("a subnet is an address with or without its bits, and has no host bits") {
  const auto subnet = [](std::string_view text) {
    const auto parsed = parse_subnet(text);
    return parsed ? to_string(parsed->address) + "/" + std::to_string(parsed->bits) : "none";
  };
  CHECK(subnet("192.0.2.7") == "192.0.2.7/32");
  CHECK(subnet("192.0.2.7/24") == "192.0.2.0/24");
  CHECK(subnet("192.0.2.7/0") == "0.0.0.0/0");
  CHECK(subnet("2001:db8::1") == "2001:db8::1/128");
  CHECK(subnet("2001:db8:ffff::1/33") == "2001:db8:8000::/33");
  for (const char* text : {"", "/8", "192.0.2.7/", "192.0.2.7/33", "192.0.2.7/-1", "192.0.2.7/+1",
                           "2001:db8::/129", "10/8", "a.example/24"}) {
    INFO(text);
    CHECK(subnet(text) == "none");
  }
}
