// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/task_group.hpp"

#include <stdexcept>

#include "tests/unit/async/virtual_loop.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using testing::Loop;

namespace {

asio::awaitable<void> wait_a_day(async::Loop& loop, std::string name, std::string& ended) {
  struct AtEnd {
    std::string& text;
    std::string name;
    ~AtEnd() { text += name; }
  };
  const AtEnd at_end{ended, name};
  co_await async::pause_for(loop, 24h);
}

asio::awaitable<void> fail() {
  throw std::runtime_error{"it broke"};
  co_return;
}

asio::awaitable<void> drain(async::TaskGroup& group, bool& done) {
  co_await group.drain();
  done = true;
}

}  // namespace

TEST_CASE("one task of a group is cancelled by its id, the others go on") {
  Loop loop;
  async::TaskGroup group{loop.loop};
  std::string ended;
  for (const auto& [id, name] : {std::pair{7U, "a"}, std::pair{9U, "b"}})
    group.spawn(name, wait_a_day(loop.loop, name, ended), id);
  loop.run_ready();
  group.cancel(9);
  group.cancel(1);  // nobody
  loop.run_ready();
  CHECK(ended == "b");
  CHECK(group.size() == 1);
  group.stop();
  loop.run_ready();
}

TEST_CASE("a group that is drained is empty afterwards, and may be used again") {
  Loop loop;
  async::TaskGroup group{loop.loop};
  std::string ended;
  bool done = false;
  group.spawn("a", wait_a_day(loop.loop, "a", ended));
  group.spawn("b", wait_a_day(loop.loop, "b", ended));
  loop.run_ready();
  loop.tasks.spawn("drain", drain(group, done));
  loop.run_ready();
  CHECK(done);
  CHECK(ended == "ab");
  group.spawn("c", wait_a_day(loop.loop, "c", ended));
  loop.run_ready();
  CHECK(group.size() == 1);
  group.stop();
  loop.run_ready();
  CHECK(ended == "abc");
}

TEST_CASE("after the stop nothing begins any more") {
  Loop loop;
  std::string ended;
  loop.tasks.stop();
  loop.tasks.spawn("a", wait_a_day(loop.loop, "a", ended));
  CHECK(loop.tasks.size() == 0);
}

TEST_CASE("a failure is told with the task's name; without anyone to tell it ends the run") {
  Loop loop;
  loop.tasks.spawn("work", fail());
  loop.run_ready();
  CHECK(loop.failures == std::vector<std::string>{"work: it broke"});
  async::TaskGroup group{loop.loop};
  group.spawn("work", fail());
  loop.io.restart();
  CHECK_THROWS_AS(loop.loop.run(), std::runtime_error);
}
