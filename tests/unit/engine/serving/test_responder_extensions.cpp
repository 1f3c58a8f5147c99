// SPDX-License-Identifier: GPL-2.0-or-later
// What a server tells in chrony's extension fields (0044).
#include "tests/unit/engine/serving/responder_server.hpp"

namespace gnomon::testing {

namespace {

base::Buffer with_extensions(base::Buffer datagram, const protocol::Extensions& extensions) {
  const auto size = datagram.size();
  datagram.resize(size + protocol::size_of(extensions));
  base::ByteWriter writer(base::MutableBytes{datagram}.subspan(size));
  protocol::write_extensions(extensions, writer);
  return datagram;
}

protocol::Extensions extensions_in(const base::Buffer& answer) {
  const auto packet = protocol::parse(answer);
  return packet ? protocol::read_extensions(packet->fields()) : protocol::Extensions{};
}

const protocol::Extensions all_wished{.monotonic = protocol::MonotonicRoot{}, .correction = base::Seconds{0}};

}  // namespace

TEST_CASE("who asks for the even scale is told time without corrections, and root values with all digits") {
  Server server;
  server.snapshot.view.root_delay = base::Seconds{1e-6};
  server.snapshot.view.served.corrected = 3s;
  server.snapshot.view.served.epoch = 77;
  server.snapshot.view.served.rest = base::Seconds{0.25};
  server.snapshot.view.served.at = server.received;
  const auto asked = with_extensions(request(), all_wished);
  const auto answer = server.ask(asked);
  CHECK(answer.outcome == Outcome::answered);
  CHECK(server.allocated == 0);
  CHECK(answer.size <= asked.size());
  const auto said = extensions_in(server.out).monotonic;
  REQUIRE(said);
  CHECK(said->epoch == 77);
  CHECK(said->root_delay.count() == Approx(1e-6).epsilon(0.01));
  CHECK(said->root_dispersion.count() == Approx(0.5));
  CHECK(said->receive == base::to_ntp(server.received + 250ms - 3s));
  CHECK(protocol::parse_header(server.out)->receive == base::to_ntp(server.received + 250ms));
  server.ask(request());
  CHECK(server.out.size() == 48);
}

TEST_CASE("smoothed time has no even scale") {
  Server server;
  server.snapshot.view.served.smoothed = true;
  server.snapshot.view.served.at = server.received;
  server.snapshot.view.served.curve.offset = 0.5;
  server.ask(with_extensions(request(), all_wished));
  const auto said = extensions_in(server.out).monotonic;
  REQUIRE(said);
  CHECK(said->receive.is_zero());
}

TEST_CASE("the even scale is told under a MAC, and to peers") {
  Server server;
  give_keys(server);
  const auto asked = with_extensions(request(), {.monotonic = protocol::MonotonicRoot{}});
  const auto sha1 = key(protocol::KeyType::sha1);
  CHECK(server.ask(with_mac(asked, sha1)).outcome == Outcome::authenticated);
  CHECK(has_mac_of(sha1, server.out));
  CHECK(extensions_in(server.out).monotonic);
  server.ask(with_extensions(request(4, protocol::Mode::symmetric_active), all_wished));
  CHECK(extensions_in(server.out).monotonic);
}

TEST_CASE("the network correction is told over PTP alone") {
  Server server;
  server.ask(with_extensions(request(), all_wished));
  CHECK_FALSE(extensions_in(server.out).correction);
  server.network = base::Seconds{2e-6};
  server.ask(with_extensions(request(), all_wished));
  REQUIRE(extensions_in(server.out).correction);
  CHECK(extensions_in(server.out).correction->count() == Approx(2e-6).epsilon(1e-3));
}

}  // namespace gnomon::testing
