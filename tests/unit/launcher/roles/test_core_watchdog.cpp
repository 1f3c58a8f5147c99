// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_watchdog.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using launcher::CoreWatchdog;
using Due = CoreWatchdog::Due;

namespace {

constexpr base::MonoTime start{1000s};
constexpr base::Duration interval = 8s;

}  // namespace

TEST_CASE("nobody watches: nothing is ever due, and no reply is passed on") {
  CoreWatchdog watchdog{{}, start};
  CHECK_FALSE(watchdog.next_look());
  CHECK(watchdog.look(start + 1h) == Due::nothing);
  CHECK_FALSE(watchdog.on_reply(0));
}

TEST_CASE("a core that answers gets one ping an interval, and systemd hears of each reply once") {
  CoreWatchdog watchdog{interval, start};
  for (std::uint32_t number = 1; number <= 3; ++number) {
    const auto now = start + (number - 1) * interval;
    CHECK(watchdog.next_look() == now);
    CHECK(watchdog.look(now) == Due::ping);
    CHECK(watchdog.number() == number);
    CHECK(watchdog.look(now) == Due::nothing);
    CHECK_FALSE(watchdog.on_reply(number - 1));
    CHECK(watchdog.on_reply(number));
    CHECK_FALSE(watchdog.on_reply(number));
  }
}

TEST_CASE("a core that has answered and no longer does is killed before systemd loses its patience") {
  CoreWatchdog watchdog{interval, start};
  CHECK(watchdog.look(start) == Due::ping);
  CHECK(watchdog.on_reply(1));
  const auto asked = start + interval;
  CHECK(watchdog.look(asked) == Due::ping);
  CHECK(watchdog.next_look() == asked + 6s);
  CHECK(watchdog.look(asked + 5s) == Due::nothing);
  CHECK(watchdog.look(asked + 6s) == Due::kill);
  // The next one is given its time to begin.
  CHECK(watchdog.look(asked + 6s + interval) == Due::ping);
  CHECK(watchdog.look(asked + 6s + 2 * interval) == Due::ping);
}

TEST_CASE("a core that has never answered is still beginning") {
  CoreWatchdog watchdog{interval, start};
  for (int i = 0; i < 10; ++i) CHECK(watchdog.look(start + i * interval) == Due::ping);
}
