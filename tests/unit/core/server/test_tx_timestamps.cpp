// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/tx_timestamps.hpp"

#include <sys/socket.h>

#include "base/os/clocks.hpp"
#include "base/os/socket.hpp"
#include "base/os/timestamps.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::TxTimestamps;

namespace {

struct Fixture {
  explicit Fixture(std::size_t room = TxTimestamps::usual_room)
      : socket(std::move(*base::bind_udp({*base::parse_address("127.0.0.1"), 0}, {}))),
        tx_timestamps(socket.get(), memory, room) {
    REQUIRE(base::enable_timestamps(socket.get(), base::TimestampKind::receive_and_wished_transmit));
  }
  // A packet to ourselves whose departure is wished; loopback tells it before sendmsg returns.
  void send() const {
    const auto to = *base::local_endpoint(socket.get());
    auto address = base::to_socket_address(to);
    std::uint8_t octet = 1;
    iovec payload{&octet, 1};
    base::ControlBuffer control;
    msghdr header{};
    header.msg_name = address.get();
    header.msg_namelen = address.size;
    header.msg_iov = &payload;
    header.msg_iovlen = 1;
    base::answer_from(header, control, to.address, 0, AF_INET);
    base::request_tx_timestamp(header, control);
    REQUIRE(sendmsg(socket.get(), &header, 0) == 1);
  }
  // An answer is in the memory, said to leave the moment it came.
  base::NtpTimestamp answer() {
    const auto now = base::to_ntp(base::read_now().real);
    return memory.take_turn({1}, now, now).receive;
  }
  bool is_corrected(base::NtpTimestamp answer) {
    const auto left = memory.take_turn(answer, base::to_ntp(base::read_now().real), {}).previous;
    REQUIRE(left);
    return *left != answer;
  }

  base::Fd socket;
  engine::TransmitMemory memory{64};
  TxTimestamps tx_timestamps;
};

}  // namespace

TEST_CASE("each departure goes to the answer that was sent then") {
  Fixture f;
  const auto first = f.answer();
  const auto second = f.answer();
  const auto unsent = f.answer();
  CHECK_FALSE(f.tx_timestamps.awaits_any());
  for (const auto& answer : {first, second}) {
    f.send();
    f.tx_timestamps.sent(answer);
  }
  CHECK(f.tx_timestamps.awaits_any());
  CHECK(f.tx_timestamps.collect({}).kernel == 2);
  CHECK_FALSE(f.tx_timestamps.awaits_any());
  CHECK(f.is_corrected(first));
  CHECK(f.is_corrected(second));
  CHECK_FALSE(f.is_corrected(unsent));
}

TEST_CASE("after an answer that could not be sent the next departure is not taken for another's") {
  Fixture f;
  const auto before = f.answer();
  const auto after = f.answer();
  f.send();
  f.tx_timestamps.sent(before);
  f.tx_timestamps.not_sent();
  CHECK_FALSE(f.tx_timestamps.awaits_any());
  f.send();
  f.tx_timestamps.sent(after);
  CHECK(f.tx_timestamps.collect({}).kernel == 1);
  CHECK(f.is_corrected(after));
  CHECK_FALSE(f.is_corrected(before));
}

TEST_CASE("who has room for one packet gets the timestamp of the last one alone") {
  Fixture f{1};
  const auto first = f.answer();
  const auto last = f.answer();
  for (const auto& answer : {first, last}) {
    f.send();
    f.tx_timestamps.sent(answer);
  }
  CHECK(f.tx_timestamps.collect({}).kernel == 1);
  CHECK(f.is_corrected(last));
  CHECK_FALSE(f.is_corrected(first));
}
