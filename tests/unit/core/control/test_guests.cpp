// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/guests.hpp"
#include "daemon/core/control/reply_memory.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::control::Guests;
using core::control::ReplyMemory;
using namespace std::chrono_literals;

namespace {

constexpr base::MonoTime start{1000s};
constexpr uid_t abuser = 1000;
constexpr uid_t other = 1001;

// How many of these calls get their turn within that time, one after the other.
int turns_within(Guests& guests, uid_t user, base::MonoTime now, base::Duration time, int most) {
  int turns = 0;
  while (turns < most && guests.take_turn(user, now) <= now + time) ++turns;
  return turns;
}

}  // namespace

TEST_CASE("one user's connections leave room for others") {
  Guests guests;
  const auto first = guests.admit(abuser, start, false);
  REQUIRE(first);
  for (int i = 1; i < Guests::most_of_one_user; ++i) REQUIRE(guests.admit(abuser, start, false));
  CHECK_FALSE(guests.admit(abuser, start, false));
  CHECK(guests.admit(other, start, false));
  guests.leave(first->id);
  CHECK(guests.admit(abuser, start, false));
}

TEST_CASE(
    "a user may ask much at once, then no more often than its share allows, and others wait for nothing") {
  Guests guests;
  REQUIRE(guests.admit(abuser, start, false));
  REQUIRE(guests.admit(other, start, false));
  CHECK(turns_within(guests, abuser, start, 0s, 100000) == 200);
  CHECK(turns_within(guests, abuser, start, 1s, 100000) < 210);
  CHECK(guests.take_turn(abuser, start) > start + 1s);
  CHECK(guests.take_turn(other, start) == start);
}

TEST_CASE("who comes back at once finds no new turns, who has rested does") {
  Guests guests;
  const auto connection = guests.admit(abuser, start, false);
  REQUIRE(connection);
  static_cast<void>(turns_within(guests, abuser, start, 100ms, 100000));
  guests.leave(connection->id);
  CHECK_FALSE(guests.admit(abuser, start, false));
  CHECK(guests.admit(abuser, start + 10s, false));
  CHECK(turns_within(guests, abuser, start + 10s, 0s, 100000) == 200);
}

TEST_CASE("where there is no room the oldest connection of the user with most of them is displaced") {
  Guests guests;
  const auto lone = guests.admit(other, start, false);
  const auto oldest = guests.admit(abuser, start, false);
  const auto second = guests.admit(abuser, start, false);
  REQUIRE((lone && oldest && second));
  const auto newcomer = guests.admit(2000, start, true);
  REQUIRE(newcomer);
  CHECK(newcomer->displaced == oldest->id);
  guests.leave(oldest->id);  // when it notices: it is not counted twice
  const auto next = guests.admit(2001, start, true);
  REQUIRE(next);
  CHECK(next->displaced == lone->id);                // all have one: the oldest
  CHECK_FALSE(Guests{}.admit(abuser, start, true));  // operators have all of them
}

TEST_CASE("connecting takes turns as well, and of many users those make room who have rested longest") {
  Guests guests;
  int let_in = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto admission = guests.admit(abuser, start, false);
    if (!admission) continue;
    ++let_in;
    guests.leave(admission->id);
  }
  CHECK(let_in == 201);  // with the one whose turn is just now
  for (uid_t user = 2000; user < 3000; ++user) {
    const auto admission = guests.admit(user, start, false);
    REQUIRE(admission);
    guests.leave(admission->id);
  }
}

TEST_CASE(
    "a report is built once for all who ask in the same moment, again in the next and after a command") {
  base::MonoTime now = start;
  ReplyMemory memory{[&now] { return now; }};
  int built = 0;
  const auto ask = [&](const std::string& method) {
    return memory.reply(method, [&] { return method + std::to_string(++built); });
  };
  CHECK(ask("Tracking") == "Tracking1");
  CHECK(ask("Tracking") == "Tracking1");
  CHECK(ask("Sources") == "Sources2");
  now += ReplyMemory::moment;
  CHECK(ask("Tracking") == "Tracking3");
  memory.clear();
  CHECK(ask("Tracking") == "Tracking4");
}

TEST_CASE("a report that takes long to build is kept for longer") {
  base::MonoTime now = start;
  ReplyMemory memory{[&now] { return now; }};
  int built = 0;
  const auto build = [&] {
    now += 100ms;
    return std::to_string(++built);
  };
  CHECK(memory.reply("ServerStats", build) == "1");
  now += 1900ms;
  CHECK(memory.reply("ServerStats", build) == "1");
  now += 200ms;
  CHECK(memory.reply("ServerStats", build) == "2");
}
