// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/pause.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> count_hourly(int& times) {
  while (true) {
    co_await core::pause_for(1h);
    ++times;
  }
}

asio::awaitable<void> count_news(asio::steady_timer& timer, int& times) {
  while (true) {
    timer.expires_after(1h);
    co_await core::wait_for(timer);
    ++times;
  }
}

}  // namespace

TEST_CASE("a loop that is stopped while it waits does its work no more") {
  tests::Loop loop;
  int times = 0;
  loop.tasks.spawn("hourly", count_hourly(times));
  loop.run_ready();
  loop.drain();
  CHECK(times == 0);
  CHECK(loop.failures.empty());
}

TEST_CASE("a timer that is cancelled for the sake of news ends the wait, a stopped task ends with it") {
  tests::Loop loop;
  asio::steady_timer timer{loop.io};
  int times = 0;
  loop.tasks.spawn("news", count_news(timer, times));
  loop.run_ready();
  for (const int wanted : {1, 2}) {
    timer.cancel();
    loop.run_ready();
    CHECK(times == wanted);
  }
  loop.drain();
  CHECK(times == 2);
  CHECK(loop.failures.empty());
}
