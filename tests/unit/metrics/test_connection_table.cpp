// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/connection_table.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using metrics::ConnectionTable;

namespace {

base::IpAddress address(const char* text) {
  return *base::parse_address(text);
}

}  // namespace

TEST_CASE("as long as there is room nobody is displaced") {
  ConnectionTable table{3};
  for (int i = 0; i < 3; ++i) CHECK_FALSE(table.admit(address("192.0.2.1")).displaced);
  CHECK(table.size() == 3);
}

TEST_CASE("the oldest connection of the client with the most of them makes room") {
  ConnectionTable table{4};
  const auto watcher = table.admit(address("192.0.2.1")).id;
  const auto first = table.admit(address("192.0.2.66")).id;
  const auto second = table.admit(address("192.0.2.66")).id;
  static_cast<void>(table.admit(address("2001:db8::1")));
  for (int i = 0; i < 1000; ++i) {
    const auto admission = table.admit(address("192.0.2.66"));
    REQUIRE(admission.displaced);
    CHECK(*admission.displaced != watcher);
    if (i == 0) CHECK(*admission.displaced == first);
    if (i == 1) CHECK(*admission.displaced == second);
  }
  CHECK(table.size() == 4);
}

TEST_CASE("among clients with one connection each the oldest makes room") {
  ConnectionTable table{2};
  const auto oldest = table.admit(address("192.0.2.9")).id;
  static_cast<void>(table.admit(address("192.0.2.1")));
  CHECK(table.admit(base::IpAddress{}).displaced == oldest);
}

TEST_CASE("who has left takes no room, and leaving twice is no harm") {
  ConnectionTable table{1};
  const auto id = table.admit(address("192.0.2.9")).id;
  table.remove(id);
  table.remove(id);
  CHECK(table.size() == 0);
  CHECK_FALSE(table.admit(address("192.0.2.9")).displaced);
}
