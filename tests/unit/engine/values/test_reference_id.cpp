// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/reference_id.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

base::IpAddress parsed(std::string_view text) {
  return *base::parse_address(text);
}
base::ReferenceId id(std::string_view text) {
  return reference_id_of(parsed(text));
}

}  // namespace

TEST_CASE("a reference id is the IPv4 address or the beginning of the MD5 of the IPv6 address") {
  CHECK(id("192.0.2.1").value == 0xc0000201);
  CHECK(id("::1").value == 0xcf404dc8);
  CHECK(id("2001:db8::1").value == 0x39ab9b37);
  CHECK(reference_id_of({}).value == 0);
}

TEST_CASE("reference ids of loopback are known, except the pseudo-addresses of clocks") {
  for (const auto* text : {"127.0.0.1", "127.255.255.255", "::1"}) CHECK(is_loopback_id(id(text)));
  for (const auto* text : {"127.127.1.1", "128.0.0.1", "2001:db8::1"}) CHECK_FALSE(is_loopback_id(id(text)));
  CHECK_FALSE(is_loopback_id(base::local_reference_id));
}

TEST_CASE("reference ids of private, shared and link-local networks are known to their edges") {
  for (const auto* text : {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0",
                           "192.168.255.255", "100.64.0.0", "100.127.255.255", "169.254.0.0"})
    CHECK(is_private_id(id(text)));
  for (const auto* text : {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
                           "192.169.0.0", "100.63.255.255", "100.128.0.0", "169.253.255.255", "192.0.2.1"})
    CHECK_FALSE(is_private_id(id(text)));
}

TEST_CASE("addresses of this machine or its own network are private") {
  for (const auto* text : {"127.0.0.1", "::1", "10.1.1.1", "fd00::1", "fc00::1", "fe80::1", "febf::1"})
    CHECK(is_private(parsed(text)));
  for (const auto* text : {"192.0.2.1", "2001:db8::1", "fec0::1", "fe00::1"})
    CHECK_FALSE(is_private(parsed(text)));
}

TEST_CASE("a reference clock has up to four characters") {
  CHECK(reference_id_of_text("PPS0") == base::reference_id("PPS0"));
  CHECK(reference_id_of_text("GPS") == base::ReferenceId{0x47505300});
  CHECK(reference_id_of_text("PHC12") == base::reference_id("PHC1"));
  CHECK(reference_id_of_text("") == base::ReferenceId{});
  CHECK(text_of(reference_id_of_text("GPS")) == "GPS");
  CHECK(text_of({0x01410a42}) == "AB");
}

TEST_CASE("a kiss code is four capital letters, anything else has no letters") {
  CHECK(letters_of(base::reference_id("DENY")) == "DENY");
  CHECK(letters_of(base::reference_id("deny")).empty());
  CHECK(letters_of(base::reference_id("GP1 ")).empty());
  CHECK(letters_of({0x0a000001}).empty());
  CHECK(letters_of({}).empty());
}

}  // namespace gnomon::testing
