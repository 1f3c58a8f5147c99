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
  for (int i = 0; i < Guests::most_of_one_user; ++i) REQUIRE(guests.admit(abuser, start));
  CHECK_FALSE(guests.admit(abuser, start));
  CHECK(guests.admit(other, start));
  guests.leave(abuser);
  CHECK(guests.admit(abuser, start));
}

TEST_CASE(
    "a user may ask much at once, then no more often than its share allows, and others wait for nothing") {
  Guests guests;
  REQUIRE(guests.admit(abuser, start));
  REQUIRE(guests.admit(other, start));
  CHECK(turns_within(guests, abuser, start, 0s, 100000) == 200);
  CHECK(turns_within(guests, abuser, start, 1s, 100000) < 210);
  CHECK(guests.take_turn(abuser, start) > start + 1s);
  CHECK(guests.take_turn(other, start) == start);
}

TEST_CASE("who comes back at once finds no new turns, who has rested does") {
  Guests guests;
  REQUIRE(guests.admit(abuser, start));
  static_cast<void>(turns_within(guests, abuser, start, 100ms, 100000));
  guests.leave(abuser);
  CHECK_FALSE(guests.admit(abuser, start));
  CHECK(guests.admit(abuser, start + 10s));
  CHECK(turns_within(guests, abuser, start + 10s, 0s, 100000) == 200);
}

TEST_CASE("connecting takes turns as well, and many users no more than a table of them") {
  Guests guests;
  int let_in = 0;
  for (int i = 0; i < 1000; ++i) {
    if (!guests.admit(abuser, start)) continue;
    ++let_in;
    guests.leave(abuser);
  }
  CHECK(let_in == 201);  // with the one whose turn is just now
  int users = 1;
  for (uid_t user = 2000; user < 3000; ++user) users += guests.admit(user, start) ? 1 : 0;
  CHECK(users == static_cast<int>(Guests::most_users));
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
