// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "tests/unit/async/virtual_loop.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using testing::Loop;

namespace {

asio::awaitable<void> note_end(async::Timer& timer, std::vector<bool>& ends) {
  ends.push_back(co_await timer.wait());
}

asio::awaitable<void> note_name(async::Loop& loop, base::Duration pause, std::string name,
                                std::string& names) {
  co_await async::pause_for(loop, pause);
  names += name;
}

asio::awaitable<void> count_news(async::Timer& timer, int& times) {
  while (true) {
    timer.expires_after(1h);
    co_await async::wait_for(timer);
    ++times;
  }
}

}  // namespace

TEST_CASE("a timer ends its wait when its time has come, and not before") {
  Loop loop;
  async::Timer timer{loop.loop, 1h};
  std::vector<bool> ends;
  loop.tasks.spawn("wait", note_end(timer, ends));
  loop.run_ready();
  CHECK(loop.loop.next_due() == loop.now().mono + 1h);
  loop.advance(1h - 1ns);
  loop.run_ready();
  CHECK(ends.empty());
  loop.advance(1ns);
  loop.run_ready();
  CHECK(ends == std::vector{true});
  CHECK_FALSE(loop.loop.next_due());
  loop.tasks.stop();  // before the timer goes
  loop.run_ready();
}

TEST_CASE("a timer that is woken for the sake of news says so") {
  Loop loop;
  async::Timer timer{loop.loop};
  std::vector<bool> ends;
  loop.tasks.spawn("wait", note_end(timer, ends));
  loop.run_ready();
  CHECK_FALSE(loop.loop.next_due());  // it has no time
  SECTION("by news") {
    timer.wake();
    loop.run_ready();
    CHECK(ends == std::vector{false});
  }
  SECTION("by another time, which is still to come") {
    timer.expires_after(1h);
    loop.run_ready();
    CHECK(ends == std::vector{false});
  }
  SECTION("by a time that has come") {
    timer.expires_at_once();
    loop.run_ready();
    CHECK(ends == std::vector{true});
  }
  loop.tasks.stop();  // before the timer goes
  loop.run_ready();
}

TEST_CASE("a time that is over lets others run before the wait ends") {
  Loop loop;
  async::Timer timer{loop.loop, -1h};
  std::vector<bool> ends;
  loop.tasks.spawn("wait", note_end(timer, ends));
  loop.run_ready();
  CHECK(ends == std::vector{true});
  loop.tasks.stop();  // before the timer goes
  loop.run_ready();
}

TEST_CASE("waits end in the order of their times, and equal ones in the order in which they began") {
  Loop loop;
  std::string names;
  for (const auto& [name, pause] : {std::pair{"c", 3s}, std::pair{"a", 1s}, std::pair{"b", 1s}})
    loop.tasks.spawn(name, note_name(loop.loop, pause, name, names));
  loop.run_until([&] { return names.size() == 3; });
  CHECK(names == "abc");
}

TEST_CASE("a duration that no clock will reach is no time at all") {
  Loop loop;
  async::Timer timer{loop.loop, base::Duration::max()};
  std::vector<bool> ends;
  loop.tasks.spawn("wait", note_end(timer, ends));
  loop.run_ready();
  CHECK_FALSE(loop.loop.next_due());
  loop.tasks.stop();  // before the timer goes
  loop.run_ready();
}

TEST_CASE("a timer that is woken for the sake of news ends the wait, a stopped task ends with it") {
  Loop loop;
  async::Timer timer{loop.loop};
  int times = 0;
  loop.tasks.spawn("news", count_news(timer, times));
  loop.run_ready();
  for (const int wanted : {1, 2}) {
    timer.wake();
    loop.run_ready();
    CHECK(times == wanted);
  }
  loop.drain();
  CHECK(times == 2);
  CHECK(loop.failures.empty());
  loop.tasks.stop();  // before the timer goes
  loop.run_ready();
}

TEST_CASE("when an exception ends the loop its tasks go first, and what they refer to later") {
  async::Context io{1};
  const base::MachineClock clock;
  std::string gone;
  struct Witness {
    std::string& names;
    std::string name;
    Witness(std::string& all, std::string mine) : names(all), name(std::move(mine)) {}
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness() { names += name; }
  };
  const auto waits = [](async::Loop& loop, std::string& names) -> asio::awaitable<void> {
    const Witness witness{names, "task "};
    async::Timer timer{loop, 1h};
    [[maybe_unused]] const bool in_time = co_await timer.wait();
  };
  const auto fails = [](async::Loop& loop) -> asio::awaitable<void> {
    co_await async::pause_for(loop, 1us);
    throw std::runtime_error{"internal"};
  };
  const auto run = [&] {
    async::Loop loop{io, clock};
    async::TaskGroup tasks{loop};
    const Witness owner{gone, "owner"};
    tasks.spawn("waits", waits(loop, gone));
    tasks.spawn("fails", fails(loop));
    loop.run();
  };
  CHECK_THROWS_AS(run(), std::runtime_error);
  CHECK(gone == "task owner");
}

TEST_CASE("by the machine's clock waits end by themselves, and then the loop has nothing left to do") {
  async::Context io{1};
  const base::MachineClock clock;
  async::Loop loop{io, clock};
  std::string names;
  asio::co_spawn(io, note_name(loop, 1us, "a", names), asio::detached);
  loop.run();
  CHECK(names == "a");
  CHECK_FALSE(loop.next_due());
}
