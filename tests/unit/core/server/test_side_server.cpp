// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/side_server.hpp"

#include <array>
#include <chrono>

#include "base/os/clocks.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using namespace std::chrono_literals;

namespace {

const base::MachineClock machine_clock;

engine::ServerSnapshot open_to_all() {
  engine::ServerSnapshot snapshot;
  snapshot.access = base::AccessTable({{.allow = true, .subnet = {}, .all = false}});
  snapshot.view.stratum = 2;
  return snapshot;
}

base::Buffer request(protocol::Mode mode) {
  base::Buffer octets(protocol::header_size);
  base::ByteWriter writer{octets};
  protocol::write_header({.mode = mode, .transmit = {0x0123456789abcdef}}, writer);
  return octets;
}

}  // namespace

TEST_CASE("requests that come to a source's socket are answered as a worker answers them") {
  core::OwnRequests own;
  core::SideServer server{{.clock = machine_clock, .own_requests = &own}};
  std::array<std::uint8_t, protocol::max_datagram_size> out{};
  const auto client = *base::parse_address("127.0.0.1");
  const auto asked = request(protocol::Mode::client);
  const auto ask = [&](const base::Buffer& datagram) {
    return server.answer(datagram, client, machine_clock.now().real, out);
  };
  CHECK(ask(asked) == 0);  // nothing is known of the clock yet
  server.publish(open_to_all());
  own.asked(asked);
  REQUIRE(ask(asked) == protocol::header_size);
  CHECK(protocol::parse_header(out)->mode == protocol::Mode::server);
  CHECK(own.answered_by_us(asked, base::Bytes{out}.first(protocol::header_size)));
  CHECK(ask(asked) == 0);  // somebody's copy: its answer could pass for another server's
  own.asked(request(protocol::Mode::client));
  CHECK(ask(request(protocol::Mode::symmetric_active)) == protocol::header_size);
  CHECK(protocol::parse_header(out)->mode == protocol::Mode::symmetric_passive);
  CHECK(ask(request(protocol::Mode::server)) == 0);
  CHECK(ask(base::Buffer(20)) == 0);
  CHECK(server.counters().hits == 5);
  CHECK(server.counters().drops == 2);
  auto closed = open_to_all();
  closed.access = base::AccessTable{};
  server.publish(std::move(closed));
  CHECK(ask(asked) == 0);
}
