// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/guest_turns.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using core::cmdmon::GuestTurns;

namespace {

constexpr base::MonoTime start{5000s};

base::Endpoint guest(const char* address, std::uint16_t port = 1000) {
  return {*base::parse_address(address), port};
}

int turns_of(GuestTurns& turns, const base::Endpoint& who, base::MonoTime now, int asked) {
  int had = 0;
  for (int i = 0; i < asked; ++i) had += turns.take(who, now) ? 1 : 0;
  return had;
}

}  // namespace

TEST_CASE("each has so many turns at once, and then one in each interval") {
  GuestTurns turns{5};
  CHECK(turns_of(turns, guest("192.0.2.1"), start, 5000) == 2000);
  CHECK(turns_of(turns, guest("192.0.2.1", 1001), start, 100) == 0);  // no matter from which port
  CHECK(turns_of(turns, guest("192.0.2.2"), start, 100) == 100);
  CHECK(turns_of(turns, guest("192.0.2.1"), start + 1s, 1000) == 250);
}

TEST_CASE("a site of IPv6 is one, and on this machine each socket") {
  GuestTurns turns{5};
  CHECK(turns_of(turns, guest("2001:db8::1"), start, 5000) == 2000);
  CHECK(turns_of(turns, guest("2001:db8::2"), start, 100) == 0);
  CHECK(turns_of(turns, guest("2001:db8:0:1::1"), start, 100) == 100);
  CHECK(turns_of(turns, guest("127.0.0.1"), start, 5000) == 2000);
  CHECK(turns_of(turns, guest("127.0.0.1", 1001), start, 100) == 100);
}

TEST_CASE("all together have a limit, this machine and others each their own") {
  GuestTurns turns{5};
  int had = 0;
  for (std::uint8_t i = 1; i < 200; ++i) {
    base::Endpoint who = guest("192.0.2.0");
    who.address.octets[3] = i;
    had += turns_of(turns, who, start, 100);
  }
  CHECK(had == 4000);
  CHECK(turns_of(turns, guest("127.0.0.1"), start, 100) == 100);
}

TEST_CASE("who comes when the table is full has turns as well") {
  GuestTurns turns{5};
  auto now = start;
  for (int i = 0; i < 4000; ++i) {
    auto who = guest("10.0.0.0");
    who.address.octets[2] = static_cast<std::uint8_t>(i / 250);
    who.address.octets[3] = static_cast<std::uint8_t>(i % 250);
    CHECK(turns.take(who, now += 1ms));
  }
}
