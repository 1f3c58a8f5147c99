// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/channel.hpp"

#include <fcntl.h>

#include "base/os/channel.hpp"
#include "ipc/codec.hpp"
#include "tests/unit/async/virtual_loop.hpp"

using namespace gnomon;
using Kind = async::ChannelEnd::Kind;

namespace {

struct Heard {
  std::vector<std::uint32_t> ids;
  int descriptors = 0;
  std::optional<Kind> end;
};

asio::awaitable<void> hear(async::Channel& channel, Heard& heard) {
  while (true) {
    const auto received = co_await channel.receive();
    if (!received) heard.end = received.error().kind;
    if (!received) co_return;
    heard.ids.push_back(received->frame.request_id);
    if (received->descriptor) ++heard.descriptors;
  }
}

asio::awaitable<void> send(async::Channel& channel, base::Buffer datagram, std::optional<bool>& sent) {
  sent = co_await channel.send(std::move(datagram));
}

// The core's end of the channel to the resolver, and the resolver's in our own hands.
struct Fixture {
  testing::Loop loop;
  base::ChannelPair pair = std::move(*base::make_channel());
  async::Channel channel{loop.io, std::move(pair.ours), ipc::Link::resolve, ipc::Sender::helper};
  Heard heard;

  Fixture() {
    loop.tasks.spawn("hear", hear(channel, heard));
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  void come(const base::Buffer& datagram, int descriptor = -1) {
    REQUIRE(base::send_datagram(pair.theirs.get(), datagram, descriptor));
    loop.run_ready();
  }
};

}  // namespace

TEST_CASE("frames come one after the other, with the descriptor that travels along") {
  Fixture f;
  f.come(ipc::encode(ipc::ResolveFailed{}, 3));
  f.come(ipc::encode(ipc::ResolveFailed{}, 4), f.pair.theirs.get());
  CHECK(f.heard.ids == std::vector{3U, 4U});
  CHECK(f.heard.descriptors == 1);
  CHECK_FALSE(f.heard.end);
}

TEST_CASE("what is no frame, or none of that end, ends the channel") {
  Fixture f;
  f.come(GENERATE(base::Buffer{1, 2, 3}, ipc::encode(ipc::Stop{}, 1),
                  ipc::encode(ipc::Resolve{.name = "x"}, 1), base::Buffer(ipc::max_frame_size + 1, 0)));
  CHECK(f.heard.end == Kind::illegal_frame);
}

TEST_CASE("who is gone is told apart from our own end of it") {
  Fixture f;
  SECTION("theirs") {
    f.pair.theirs.close();
    f.loop.run_ready();
    CHECK(f.heard.end == Kind::closed);
  }
  SECTION("theirs, with something unread") {
    REQUIRE(f.channel.send_at_once(ipc::encode(ipc::Resolve{.name = "x"}, 1)));
    f.pair.theirs.close();
    f.loop.run_ready();
    CHECK(f.heard.end == Kind::closed);
  }
  SECTION("ours") {
    f.channel.close();
    f.loop.run_ready();
    CHECK(f.heard.end == Kind::closed_here);
  }
}

TEST_CASE("who does not read is waited for, or not") {
  Fixture f;
  const auto frame = ipc::encode(ipc::Resolve{.name = "name.example"}, 1);
  int sent = 0;
  while (f.channel.send_at_once(frame)) ++sent;
  CHECK(sent > 0);
  std::optional<bool> one_more;
  f.loop.tasks.spawn("send", send(f.channel, frame, one_more));
  f.loop.run_ready();
  CHECK_FALSE(one_more);
  base::Buffer space(ipc::max_frame_size);
  for (; sent > 0; --sent) REQUIRE(base::receive_datagram(f.pair.theirs.get(), space));
  f.loop.run_ready();
  CHECK(one_more == true);
}
