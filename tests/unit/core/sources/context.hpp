// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of the core share: coroutines in virtual time, a log that remembers, the far end of a role's
// channel, a folder that goes away.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/os/channel.hpp"
#include "base/os/clocks.hpp"
#include "base/os/log.hpp"
#include "ipc/codec.hpp"
#include "tests/unit/async/virtual_loop.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/remembering_log.hpp"
#include "tests/unit/temporary_folder.hpp"

namespace gnomon::testing {

using testing::TemporaryFolder;

// The role's end of a channel, in the test's own hands.
class FarEnd {
 public:
  FarEnd() {
    auto pair = base::make_channel();
    REQUIRE(pair);
    near_ = std::move(pair->ours);
    far_ = std::move(pair->theirs);
  }
  [[nodiscard]] base::Fd take_near() { return std::move(near_); }
  // The next datagram; it must have been sent already.
  [[nodiscard]] base::Buffer receive() {
    base::Buffer space(ipc::max_frame_size);
    const auto received = base::receive_datagram(far_.get(), space);
    REQUIRE(received);
    space.resize(received->size);
    return space;
  }
  template <class Message>
  void send(const Message& message, std::uint32_t id) {
    send_octets(ipc::encode(message, id));
  }
  void send_octets(const base::Buffer& octets) { REQUIRE(base::send_datagram(far_.get(), octets)); }
  void close() { far_.close(); }
  [[nodiscard]] int fd() const { return far_.get(); }

 private:
  base::Fd near_;
  base::Fd far_;
};

template <class Message>
struct Heard {
  std::uint32_t id = 0;
  Message message;
};
template <class Message>
Heard<Message> read_as(const base::Buffer& datagram) {
  const auto frame = ipc::parse_frame(datagram);
  REQUIRE(frame);
  auto message = ipc::decode<Message>(*frame);
  REQUIRE(message);
  return {frame->request_id, std::move(*message)};
}

}  // namespace gnomon::testing
