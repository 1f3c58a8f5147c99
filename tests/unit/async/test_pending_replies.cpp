// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/pending_replies.hpp"

#include "tests/unit/async/virtual_loop.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using testing::Loop;
using Replies = async::PendingReplies<std::string>;

namespace {

struct Outcome {
  bool over = false;
  std::optional<std::string> reply;
  bool lost = false;
};

asio::awaitable<void> ask(Replies& replies, async::Loop& loop, std::uint32_t id, base::Duration timeout,
                          Outcome& into) {
  Replies::Request request{replies, loop, id};
  into.reply = co_await request.reply(timeout);
  into.lost = request.lost();
  into.over = true;
}

struct Fixture {
  Loop loop;
  Replies replies;
  Outcome first;
  Outcome second;
  std::uint32_t first_id = replies.next_id();
  std::uint32_t second_id = replies.next_id();

  Fixture() {
    loop.tasks.spawn("first", ask(replies, loop.loop, first_id, 1min, first));
    loop.tasks.spawn("second", ask(replies, loop.loop, second_id, base::Duration::max(), second));
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
};

}  // namespace

TEST_CASE("a reply goes to who has asked") {
  Fixture f;
  CHECK(f.replies.fulfil(f.second_id, "yes"));
  f.loop.run_ready();
  CHECK(f.second.reply == "yes");
  CHECK_FALSE(f.first.over);
}

TEST_CASE("a reply that comes too late is nobody's, but was asked for") {
  Fixture f;
  f.loop.advance(1min);
  f.loop.run_ready();
  CHECK(f.first.over);
  CHECK_FALSE(f.first.reply);
  CHECK_FALSE(f.first.lost);
  CHECK_FALSE(f.replies.fulfil(f.first_id, "late"));
  CHECK(f.replies.was_made(f.first_id));
  CHECK_FALSE(f.replies.was_made(f.second_id + 1));
  CHECK_FALSE(f.replies.was_made(0));
}

TEST_CASE("when the channel ends, all replies are lost") {
  Fixture f;
  f.replies.lose_all();
  f.loop.run_ready();
  CHECK(f.first.lost);
  CHECK(f.second.lost);
}

TEST_CASE("a task that is cancelled leaves nothing behind") {
  Fixture f;
  f.loop.drain();
  CHECK_FALSE(f.replies.fulfil(f.first_id, "to nobody"));
}
