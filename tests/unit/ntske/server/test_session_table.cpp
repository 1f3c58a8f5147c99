// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/session_table.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::ntske;
using namespace std::chrono_literals;

namespace {

using Slot = SessionTable::Slot;
constexpr base::MonoTime start{1000s};
const Slot enough{};

base::IpAddress at(const char* address) {
  return *base::parse_address(address);
}
Slot displace(SessionId id) {
  return {.displace = id, .ask_again = {}};
}
Slot wait_until(base::MonoTime when) {
  return {.displace = {}, .ask_again = when};
}

}  // namespace

TEST_CASE("while there are free slots nobody gives way") {
  SessionTable table{2};
  CHECK(table.free_slot(start) == enough);
  const auto first = table.admit(at("192.0.2.1"), start);
  CHECK(table.free_slot(start + 1h) == enough);
  (void)table.admit(at("192.0.2.1"), start);
  CHECK(table.free_slot(start + 1h) != enough);
  table.remove(first);
  CHECK(table.free_slot(start + 1h) == enough);
}

TEST_CASE(
    "the oldest session of the network with the most gives way, however young the network's others are") {
  SessionTable table{4};
  (void)table.admit(at("198.51.100.1"), start);
  const auto oldest = table.admit(at("192.0.2.1"), start + 1s);
  (void)table.admit(at("192.0.2.77"), start + 2s);  // the same /24
  (void)table.admit(at("203.0.113.1"), start + 2s);
  CHECK(table.free_slot(start + 2s) == displace(oldest));
}

TEST_CASE("IPv6 clients of one /56 are one network") {
  SessionTable table{3};
  (void)table.admit(at("2001:db8::1"), start);
  const auto oldest = table.admit(at("2001:db8:0:100::1"), start + 1s);
  (void)table.admit(at("2001:db8:0:1ff::2"), start + 1s);
  CHECK(table.free_slot(start + 2s) == displace(oldest));
}

TEST_CASE("a session is left in peace for a while, longer when it is its network's only one") {
  SessionTable table{2};
  const auto only = table.admit(at("192.0.2.1"), start);
  const auto other = table.admit(at("198.51.100.1"), start);
  CHECK(table.free_slot(start) == wait_until(start + late_timeout));
  CHECK(table.free_slot(start + late_timeout) == displace(only));
  table.remove(other);
  (void)table.admit(at("192.0.2.2"), start);
  CHECK(table.free_slot(start) == wait_until(start + early_timeout));
  CHECK(table.free_slot(start + early_timeout) == displace(only));
}

TEST_CASE("who waits for the answer to a whole request is not displaced") {
  SessionTable table{2};
  const auto first = table.admit(at("192.0.2.1"), start);
  const auto second = table.admit(at("192.0.2.1"), start);
  table.settle(first);
  CHECK(table.free_slot(start + late_timeout) == displace(second));
  table.settle(second);
  CHECK(table.free_slot(start + 1s) == wait_until(start + 1s + early_timeout));
  table.unsettle(second);
  CHECK(table.free_slot(start + 1s) == displace(second));
}

TEST_CASE("sessions are late in the order in which they began, and again after as long") {
  SessionTable table{9};
  CHECK(table.next_deadline() == std::nullopt);
  const auto first = table.admit(at("192.0.2.1"), start);
  const auto second = table.admit(at("192.0.2.2"), start + 1s);
  CHECK(table.next_deadline() == start + session_limit);
  CHECK(table.take_late(start + session_limit - 1ns) == std::nullopt);
  CHECK(table.take_late(start + session_limit) == first);
  CHECK(table.next_deadline() == start + 1s + session_limit);
  CHECK(table.take_late(start + session_limit) == std::nullopt);
  table.remove(second);
  CHECK(table.take_late(start + 2 * session_limit) == first);
  table.remove(first);
  table.remove(first);
  CHECK(table.next_deadline() == std::nullopt);
  CHECK(table.size() == 0);
}
