// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/network.hpp"

#include <string>

#include "tests/unit/catch.hpp"

using namespace gnomon;

namespace {

std::string read(std::string_view text) {
  const auto subnet = config::parse_network(text);
  return subnet ? base::to_string(subnet->address) + '/' + std::to_string(subnet->bits) : "none";
}

}  // namespace

TEST_CASE("subnets as chrony takes them") {
  CHECK(read("192.0.2.1") == "192.0.2.1/32");
  CHECK(read("192.0.2.1/24") == "192.0.2.0/24");
  CHECK(read("2001:db8::1") == "2001:db8::1/128");
  CHECK(read("2001:db8::1/32") == "2001:db8::/32");
  CHECK(read("10") == "10.0.0.0/8");
  CHECK(read("10.1") == "10.1.0.0/16");
  CHECK(read("10.1.2") == "10.1.2.0/24");
  CHECK(read("10.1/12") == "10.0.0.0/12");
  CHECK(read("192.0.2.0/0") == "0.0.0.0/0");
}

TEST_CASE("what is no subnet") {
  for (const auto* text : {"", "10.0.0.0/33", "2001:db8::/129", "10/-1", "10.", "256", "::ffff:192.0.2.1/120",
                           "fe80::1%2/64", "ntp.example", "10/8/8", "10.1 ", "192.0.2.1/"})
    CHECK(read(text) == "none");
}
