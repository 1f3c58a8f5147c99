// SPDX-License-Identifier: GPL-2.0-or-later
#include "ipc/frame.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace gnomon::ipc;

TEST_CASE("a frame is a header and exactly the body it announces") {
  const base::Buffer datagram{1, 66, 0, 1, 0, 0, 1, 2, 9};
  const auto frame = parse_frame(datagram);
  REQUIRE(frame);
  CHECK(frame->type == MessageType::finished);
  CHECK(frame->request_id == 0x102);
  CHECK(frame->body.size() == 1);
  CHECK(frame->body[0] == 9);
}

TEST_CASE("what is no frame is refused for its reason") {
  const auto error = [](base::Buffer datagram) { return parse_frame(datagram).error(); };
  CHECK(error({}) == FrameError::too_short);
  CHECK(error({1, 66, 0, 0, 0, 0, 0}) == FrameError::too_short);
  CHECK(error(base::Buffer(max_frame_size + 1, 1)) == FrameError::too_long);
  CHECK(error({2, 66, 0, 0, 0, 0, 0, 0}) == FrameError::bad_version);
  CHECK(error({1, 0, 0, 0, 0, 0, 0, 0}) == FrameError::unknown_type);
  CHECK(error({1, 12, 0, 0, 0, 0, 0, 0}) == FrameError::unknown_type);
  CHECK(error({1, 66, 0, 0, 0, 0, 0, 0, 1}) == FrameError::bad_length);
  CHECK(error({1, 66, 0, 2, 0, 0, 0, 0, 1}) == FrameError::bad_length);
}

TEST_CASE("every message is legal on one link and from one side") {
  const Link links[] = {Link::clock,    Link::ke_server, Link::ke_client, Link::resolve,
                        Link::refclock, Link::metrics,   Link::launcher,  Link::source_files,
                        Link::commands, Link::mailer,    Link::ke_probe,  Link::probe};
  std::size_t types = 0;
  for (unsigned number = 0; number < 256; ++number) {
    const auto type = static_cast<MessageType>(number);
    int ways = 0;
    for (const auto link : links)
      for (const auto sender : {Sender::core, Sender::helper}) ways += is_legal(type, link, sender) ? 1 : 0;
    const base::Buffer datagram{1, static_cast<std::uint8_t>(number), 0, 0, 0, 0, 0, 0};
    CHECK(ways == (parse_frame(datagram) ? 1 : 0));
    types += static_cast<std::size_t>(ways);
  }
  CHECK(types == 80);
}

TEST_CASE("a key establishment server cannot order the clock about, nor can the clock order anybody") {
  CHECK(is_legal(MessageType::step, Link::clock, Sender::core));
  CHECK_FALSE(is_legal(MessageType::step, Link::clock, Sender::helper));
  CHECK_FALSE(is_legal(MessageType::step, Link::ke_server, Sender::helper));
  CHECK(is_legal(MessageType::seal_cookies, Link::ke_server, Sender::helper));
  CHECK_FALSE(is_legal(MessageType::seal_cookies, Link::ke_client, Sender::helper));
  CHECK(is_legal(MessageType::stop, Link::launcher, Sender::helper));
  CHECK_FALSE(is_legal(MessageType::stop, Link::launcher, Sender::core));
}

TEST_CASE("what was not verified can come to no core: a daemon's client role inspects nothing") {
  CHECK(is_legal(MessageType::inspected, Link::ke_probe, Sender::helper));
  CHECK_FALSE(is_legal(MessageType::inspect, Link::ke_client, Sender::core));
  CHECK_FALSE(is_legal(MessageType::inspected, Link::ke_client, Sender::helper));
  CHECK_FALSE(is_legal(MessageType::establish, Link::ke_probe, Sender::core));
}
