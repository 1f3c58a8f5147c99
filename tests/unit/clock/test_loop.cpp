// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/loop.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <thread>
#include <vector>

#include "base/os/channel.hpp"
#include "tests/unit/base/os/fake_clock.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using testing::FakeClock;

namespace {

class Silence final : public base::Log {
 public:
  void take(const base::LogMessage&) override {}
};

// Everything the core has to say is in the channel before the loop begins, and then its end.
struct Session {
  FakeClock kernel;
  Silence log;
  base::ChannelPair channel = std::move(*base::make_channel());
  int status = -1;

  template <class Request>
  void say(const Request& request) {
    REQUIRE(base::send_datagram(channel.ours.get(), ipc::encode(request, 1)));
  }
  void run() {
    shutdown(channel.ours.get(), SHUT_WR);
    clock::ClockService service{kernel, log, {}, true};
    status = clock::serve(channel.theirs.get(), service, kernel, log);
    channel.theirs.close();
  }
  std::vector<ipc::MessageType> heard() {
    std::vector<ipc::MessageType> types;
    std::array<std::uint8_t, ipc::max_frame_size> space{};
    while (true) {
      const auto received = base::receive_datagram(channel.ours.get(), space);
      if (!received || received->size == 0) return types;
      types.push_back(ipc::parse_frame(base::Bytes{space}.first(received->size))->type);
    }
  }
};

}  // namespace

TEST_CASE("requests are answered in order and the end of the channel is a clean end") {
  Session session;
  session.say(ipc::ReadClock{});
  session.say(ipc::Step{1s});
  session.say(ipc::Adjust{{1'000'000}, {}, 0s});
  session.run();
  CHECK(session.status == 0);
  CHECK(session.heard() == std::vector{ipc::MessageType::clock_reading, ipc::MessageType::clock_refused,
                                       ipc::MessageType::adjusted});
}

TEST_CASE("a slew does not outlive the core that ordered it") {
  Session session;
  session.say(ipc::Adjust{{10'000'000}, {500'000'000}, 1000s});
  session.run();
  CHECK(session.status == 0);
  REQUIRE(session.kernel.changes.size() == 2);
  CHECK(session.kernel.rate.ratio() * 1e6 == Approx(10));
}

TEST_CASE("anything unexpected ends the loop, and with it a slew") {
  Session session;
  session.say(ipc::Adjust{{10'000'000}, {500'000'000}, 1000s});
  REQUIRE(base::send_datagram(session.channel.ours.get(), base::as_bytes("what is this?")));
  session.say(ipc::ReadClock{});
  session.run();
  CHECK(session.status == 1);
  CHECK(session.kernel.rate.ratio() * 1e6 == Approx(10));
}

TEST_CASE("a descriptor is unexpected") {
  Session session;
  REQUIRE(base::send_datagram(session.channel.ours.get(), ipc::encode(ipc::ReadClock{}, 1), 0));
  session.run();
  CHECK(session.status == 1);
}

namespace {

// The kernel of the test with the machine's time, so that slews end by themselves.
class TickingClock final : public base::SystemClock {
 public:
  FakeClock inner;
  int adjust(timex& request) override { return inner.adjust(request); }
  base::Now now() override { return base::read_now(); }
};

}  // namespace

TEST_CASE("a slew that has run its time is ended by the helper itself and reported as an event") {
  auto channel = base::make_channel();
  TickingClock kernel;
  Silence log;
  clock::ClockService service{kernel, log, {}, true};
  int status = -1;
  std::thread helper{[&] { status = clock::serve(channel->theirs.get(), service, kernel, log); }};
  const ipc::Adjust request{{10'000'000}, {500'000'000}, 1ms};
  CHECK(base::send_datagram(channel->ours.get(), ipc::encode(request, 9)));
  std::vector<ipc::Adjusted> heard;
  std::vector<std::uint32_t> ids;
  for (int i = 0; i < 2; ++i) {
    std::array<std::uint8_t, ipc::max_frame_size> space{};
    const auto size = base::receive_datagram(channel->ours.get(), space)->size;
    const auto frame = ipc::parse_frame(base::Bytes{space}.first(size));
    heard.push_back(ipc::decode<ipc::Adjusted>(*frame).value());
    ids.push_back(frame->request_id);
  }
  channel->ours.close();
  helper.join();
  CHECK(status == 0);
  CHECK(ids == std::vector<std::uint32_t>{9, 0});
  CHECK(heard[0].rate == ipc::Rate{510'000'000});
  CHECK(heard[1].rate == ipc::Rate{10'000'000});
  CHECK(heard[1].at - heard[0].at >= 1ms);
}

namespace {

// A kernel whose time passes by being read, so that a helper that is kept busy sees it pass.
class HastyClock final : public base::SystemClock {
 public:
  FakeClock inner;
  int adjust(timex& request) override { return inner.adjust(request); }
  base::Now now() override {
    inner.pass(1ms);
    return inner.now();
  }
};

}  // namespace

TEST_CASE("a core that does not read its answers is broken: its slew ends, and the helper waits for nobody") {
  Session session;
  const auto stuffing = ipc::encode(ipc::ClockReading{}, 1);
  while (base::send_datagram_at_once(session.channel.theirs.get(), stuffing)) {
  }
  session.say(ipc::Adjust{{10'000'000}, {500'000'000}, 1000s});
  session.run();
  CHECK(session.status == 1);
  CHECK(session.kernel.rate.ratio() * 1e6 == Approx(10));
}

TEST_CASE("a request that was announced and is not there is no end") {
  Session session;
  clock::ClockService service{session.kernel, session.log, {}, true};
  const clock::Session one{session.channel.theirs.get(), service, session.log};
  REQUIRE(fcntl(one.channel, F_SETFL, O_NONBLOCK) == 0);
  CHECK(clock::answer_one(one) == clock::Progress::go_on);
  session.say(ipc::ReadClock{});
  CHECK(clock::answer_one(one) == clock::Progress::go_on);
  CHECK(clock::answer_one(one) == clock::Progress::go_on);
  session.channel.theirs.close();
  CHECK(session.heard().size() == 1);
}

TEST_CASE("requests without end do not make a slew longer") {
  auto channel = base::make_channel();
  HastyClock kernel;
  Silence log;
  clock::ClockService service{kernel, log, {}, true};
  REQUIRE(base::send_datagram(channel->ours.get(),
                              ipc::encode(ipc::Adjust{{10'000'000}, {500'000'000}, 20ms}, 1)));
  constexpr int requests = 100;
  for (int i = 0; i < requests; ++i)
    REQUIRE(base::send_datagram(channel->ours.get(), ipc::encode(ipc::ReadClock{}, 1)));
  shutdown(channel->ours.get(), SHUT_WR);
  CHECK(clock::serve(channel->theirs.get(), service, kernel, log) == 0);
  std::array<std::uint8_t, ipc::max_frame_size> space{};
  int before = 0;
  for (bool ended = false; !ended; ++before) {
    const auto received = base::receive_datagram(channel->ours.get(), space);
    REQUIRE(received);
    const auto frame = ipc::parse_frame(base::Bytes{space}.first(received->size));
    REQUIRE(frame);
    ended = frame->request_id == 0;
  }
  CHECK(before < requests / 2);
}
