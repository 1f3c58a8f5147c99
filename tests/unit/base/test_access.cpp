// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/access.hpp"

#include <array>

#include "tests/unit/catch.hpp"

using namespace gnomon::base;

namespace {

AccessRule rule(bool allow, const char* address, std::uint8_t bits, bool all = false) {
  return {allow, {*parse_address(address), bits}, all};
}
IpAddress address(const char* text) {
  return *parse_address(text);
}

}  // namespace

TEST_CASE("nothing is allowed without a rule") {
  CHECK_FALSE(AccessTable{}.allows(address("127.0.0.1")));
  CHECK_FALSE(AccessTable{}.allows_any());
}

TEST_CASE("the longest prefix decides, whatever the order") {
  const AccessTable table{
      {rule(false, "10.1.2.0", 24), rule(true, "10.0.0.0", 8), rule(true, "10.1.2.3", 32)}};
  CHECK(table.allows(address("10.9.9.9")));
  CHECK_FALSE(table.allows(address("10.1.2.4")));
  CHECK(table.allows(address("10.1.2.3")));
  CHECK_FALSE(table.allows(address("11.0.0.1")));
}

TEST_CASE("a later rule for the same subnet replaces the earlier one") {
  const AccessTable table{{rule(true, "192.0.2.0", 24), rule(false, "192.0.2.0", 24)}};
  CHECK_FALSE(table.allows(address("192.0.2.1")));
}

TEST_CASE("'all' forgets the more specific rules inside") {
  const AccessTable table{{rule(false, "2001:db8:1::", 48), rule(true, "2001:db8::", 32, true)}};
  CHECK(table.allows(address("2001:db8:1::5")));
}

TEST_CASE("a rule for every address covers both families") {
  const AccessTable table{{AccessRule{true, {}, false}, rule(false, "10.0.0.0", 8)}};
  CHECK(table.allows(address("::1")));
  CHECK(table.allows(address("192.0.2.1")));
  CHECK_FALSE(table.allows(address("10.0.0.1")));
}

TEST_CASE("a rule for every address replaces an earlier one for those of a family") {
  const AccessTable table{{rule(false, "0.0.0.0", 0), AccessRule{true, {}, false}}};
  CHECK(table.allows(address("192.0.2.1")));
  const AccessTable reversed{{AccessRule{true, {}, false}, rule(false, "0.0.0.0", 0)}};
  CHECK_FALSE(reversed.allows(address("192.0.2.1")));
  CHECK(reversed.allows(address("::1")));
}

TEST_CASE("a rule that is added later counts as the last") {
  AccessTable table{{AccessRule{true, {}, true}, rule(false, "192.0.2.0", 24)}};
  table.add(rule(true, "192.0.2.1", 32));
  CHECK(table.allows(address("192.0.2.1")));
  CHECK_FALSE(table.allows(address("192.0.2.2")));
  CHECK(table.allows(address("192.0.3.1")));
  table.add({false, {}, true});
  CHECK_FALSE(table.allows_any());
}

TEST_CASE("a rule between two levels of chronyd's tree replaces the earlier ones on the lower level") {
  // From chrony's own tests.
  const AccessTable table{{rule(true, "1.2.3.4", 32), rule(true, "1.2.3.0", 28), rule(false, "1.2.3.0", 27),
                           rule(true, "1.2.4.5", 32), rule(false, "1.2.4.0", 27, true)}};
  CHECK(table.allows(address("1.2.3.4")));
  CHECK_FALSE(table.allows(address("1.2.3.5")));
  CHECK_FALSE(table.allows(address("1.2.4.5")));
  const AccessTable reversed{{rule(false, "1.2.3.0", 27), rule(true, "1.2.3.0", 28)}};
  CHECK(reversed.allows(address("1.2.3.5")));
  CHECK_FALSE(reversed.allows(address("1.2.3.17")));
  const AccessTable levels{{rule(true, "1.2.3.0", 28), rule(false, "1.2.3.0", 24)}};
  CHECK(levels.allows(address("1.2.3.5")));
}

TEST_CASE("a host has access when its addresses are known, in the place of its rule") {
  const AccessRule host{.allow = true, .subnet = {}, .host = "client.example"};
  CHECK(AccessTable{{host}}.allows_any());
  AccessTable table{{host, rule(false, "192.0.2.9", 32), rule(false, "198.51.100.0", 24, true)}};
  CHECK_FALSE(table.allows(address("192.0.2.7")));
  const std::array addresses{address("192.0.2.7"), address("2001:db8::7"), address("192.0.2.9"),
                             address("198.51.100.1")};
  table.set_addresses("other.example", addresses);
  CHECK_FALSE(table.allows(address("192.0.2.7")));
  table.set_addresses("client.example", addresses);
  CHECK(table.allows(address("192.0.2.7")));
  CHECK(table.allows(address("2001:db8::7")));
  CHECK_FALSE(table.allows(address("2001:db8::8")));
  CHECK_FALSE(table.allows(address("192.0.2.9")));     // by the later rule
  CHECK_FALSE(table.allows(address("198.51.100.1")));  // by a later one that forgets those inside
  table.add(rule(false, "192.0.2.7", 32));
  CHECK_FALSE(table.allows(address("192.0.2.7")));
}

TEST_CASE("nobody has access while it is not known whom a deny means") {
  AccessTable table{{{.allow = true, .subnet = {}}, {.allow = false, .subnet = {}, .host = "bad.example"}}};
  CHECK(table.allows_any());
  CHECK_FALSE(table.allows(address("192.0.2.1")));
  const std::array addresses{address("192.0.2.7")};
  table.set_addresses("bad.example", addresses);
  CHECK(table.allows(address("192.0.2.1")));
  CHECK_FALSE(table.allows(address("192.0.2.7")));
}

TEST_CASE("a rule for everybody that forgets the others forgets hosts as well") {
  AccessTable table{{{.allow = true, .subnet = {}, .host = "client.example"}}};
  table.add({.allow = false, .subnet = {}, .all = true});
  CHECK_FALSE(table.allows_any());
}

TEST_CASE(
    "what forgets rules inside forgets those of hosts that become known later, however often it is given") {
  AccessTable table{{{.allow = true, .subnet = {}, .host = "client.example"}}};
  for (int i = 0; i < 1000; ++i) {
    table.add(rule(true, "10.1.0.0", 16, true));
    table.add(rule(false, "10.0.0.0", 8, true));
  }
  const std::array addresses{address("10.1.2.3"), address("192.0.2.1")};
  table.set_addresses("client.example", addresses);
  CHECK_FALSE(table.allows(address("10.1.2.3")));
  CHECK(table.allows(address("192.0.2.1")));
}

TEST_CASE("a host name ends with a name, not with a number") {
  for (const auto* name : {"localhost", "client.example.", "1.example", "a_b-c.x1", "10.pool"})
    CHECK(is_host_name(name));
  for (const auto* text : {"", ".", "10", "1.2.3.400", "a..b", ".a", "a b", "a/24", "::1", "fe80::1%lo"})
    CHECK_FALSE(is_host_name(text));
  CHECK_FALSE(is_host_name(std::string(254, 'a')));
}
