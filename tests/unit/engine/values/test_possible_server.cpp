// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/possible_server.hpp"

#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::engine;

namespace {

base::IpAddress address(const char* text) {
  return *base::parse_address(text);
}

}  // namespace

TEST_CASE("no server has an address that is unspecified, of many, or of no interface") {
  for (const auto* text :
       {"0.0.0.0", "0.1.2.3", "::", "::ffff:0.0.0.0", "224.0.0.1", "239.255.255.255", "::ffff:224.0.0.1",
        "255.255.255.255", "::ffff:255.255.255.255", "ff02::1", "fe80::1", "febf::1"})
    CHECK_FALSE(why_impossible(address(text)).empty());
  CHECK_FALSE(why_impossible({}).empty());
  for (const auto* text : {"127.0.0.1", "::1", "192.0.2.1", "169.254.1.1", "223.255.255.255", "240.0.0.1",
                           "2001:db8::1", "fd00::1", "fec0::1", "fe80::1%2"})
    CHECK(why_impossible(address(text)).empty());
}

TEST_CASE("what is removed of a name's addresses is told") {
  std::vector addresses{address("192.0.2.1"), address("224.0.0.1"), address("fe80::1")};
  CHECK(remove_impossible(addresses) ==
        "224.0.0.1, it is a multicast address; fe80::1, it is link-local, of no interface");
  CHECK(addresses == std::vector{address("192.0.2.1")});
  CHECK(remove_impossible(addresses).empty());
}

TEST_CASE("an NTS-KE server of another machine cannot send us to ours; one of ours can") {
  const std::vector own{reference_id_of(address("192.0.2.9"))};
  const KeServer other{address("192.0.2.1"), 123, own};
  for (const auto* text : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "192.0.2.9", "0.0.0.0"})
    CHECK_FALSE(why_refused(base::Endpoint{address(text), 123}, other).empty());
  CHECK(why_refused(base::Endpoint{address("192.0.2.3"), 123}, other).empty());
  for (const auto* ours : {"127.0.0.1", "192.0.2.9"})
    for (const auto* text : {"127.0.0.1", "::1", "192.0.2.9"})
      CHECK(why_refused(base::Endpoint{address(text), 123}, {address(ours), 123, own}).empty());
}

TEST_CASE("the port is NTP's, the source's or one that everybody may have") {
  const KeServer from{address("192.0.2.1"), 500};
  for (const int port : {123, 500, 1024, 11123, 65535})
    CHECK(why_refused(static_cast<std::uint16_t>(port), from).empty());
  for (const int port : {0, 53, 161, 514, 1023})
    CHECK_FALSE(why_refused(static_cast<std::uint16_t>(port), from).empty());
}
