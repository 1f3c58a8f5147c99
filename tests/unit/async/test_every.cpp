// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/every.hpp"

#include "tests/unit/async/virtual_loop.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using testing::Loop;

TEST_CASE("work that is done every hour is done every hour") {
  Loop loop;
  int times = 0;
  loop.tasks.spawn("hourly", async::every(loop.loop, 1h, [&] { ++times; }));
  loop.run_ready();
  CHECK(times == 0);
  for (const int wanted : {1, 2, 3}) {
    loop.advance(1h);
    loop.run_ready();
    CHECK(times == wanted);
  }
}

TEST_CASE("a loop that is stopped while it waits does its work no more") {
  Loop loop;
  int times = 0;
  loop.tasks.spawn("hourly", async::every(loop.loop, 1h, [&] { ++times; }));
  loop.run_ready();
  loop.drain();
  CHECK(times == 0);
  CHECK(loop.failures.empty());
}

TEST_CASE("the interval is asked for each time, and who wakes the timer has the work done at once") {
  Loop loop;
  async::Timer timer{loop.loop};
  base::Duration interval = 1s;
  int times = 0;
  loop.tasks.spawn("work", async::every(timer, [&] { return interval *= 2; }, [&] { ++times; }));
  loop.run_ready();
  CHECK(loop.loop.next_due() == loop.now().mono + 2s);
  timer.wake();
  loop.run_ready();
  CHECK(times == 1);
  CHECK(loop.loop.next_due() == loop.now().mono + 4s);
  loop.tasks.stop();  // before the timer goes
  loop.run_ready();
}
