// SPDX-License-Identifier: GPL-2.0-or-later
// The modelled servers answer as RFC 5905 and RFC 9769 say.
#include <arpa/inet.h>

#include <algorithm>
#include <cmath>

#include "tests/sim/interpose/network.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace interpose;

namespace {

using Timestamp = std::array<std::uint8_t, 8>;
constexpr std::size_t origin = 24;
constexpr std::size_t receive_stamp = 32;
constexpr std::size_t transmit = 40;

simulation::Scenario one_server() {
  simulation::Scenario scenario;
  scenario.servers.resize(1);
  return scenario;
}

sockaddr_in address(std::uint32_t host, std::uint16_t port = 123) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(host);
  return in;
}

const sockaddr_in first = address(0xc0000201);

Timestamp at(const Octets& packet, std::size_t offset) {
  Timestamp stamp{};
  std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(offset), 8, stamp.begin());
  return stamp;
}

void put(Octets& packet, std::size_t offset, const Timestamp& stamp) {
  std::copy(stamp.begin(), stamp.end(), packet.begin() + static_cast<std::ptrdiff_t>(offset));
}

Octets request(const Timestamp& transmitted) {
  Octets packet(48);
  packet[0] = 0x23;
  put(packet, transmit, transmitted);
  return packet;
}

std::optional<Datagram> ask(Network& network, double t, const Octets& packet) {
  network.send(t, 4000, first, packet);
  return network.arrived(t + 10);
}

}  // namespace

TEST_CASE("an answer comes after both ways and repeats what the request sent") {
  Network network(one_server(), {}, 1);
  network.send(100, 4000, first, request({1, 2, 3, 4, 5, 6, 7, 8}));
  CHECK(network.requests() == 1);
  CHECK(network.next_arrival() > 100 + 2 * 100e-6);
  CHECK_FALSE(network.arrived(100 + 2 * 100e-6).has_value());
  const auto answer = network.arrived(101);
  REQUIRE(answer.has_value());
  CHECK(answer->to_port == 4000);
  CHECK(answer->payload[0] == 0x24);
  CHECK(answer->payload[1] == 1);
  CHECK(at(answer->payload, origin) == Timestamp{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK_FALSE(std::isfinite(network.next_arrival()));
}

TEST_CASE("an interleaved request is told when the answer before was sent") {
  Network network(one_server(), {}, 1);
  const auto basic = ask(network, 100, request({1}));
  REQUIRE(basic.has_value());
  Octets next = request({2});
  put(next, origin, at(basic->payload, receive_stamp));
  put(next, receive_stamp, {3});
  const auto answer = ask(network, 164, next);
  REQUIRE(answer.has_value());
  CHECK(at(answer->payload, origin) == Timestamp{3});
  CHECK(at(answer->payload, transmit) == at(basic->payload, transmit));
  CHECK(at(answer->payload, receive_stamp) > at(answer->payload, transmit));
}

TEST_CASE("other hosts, ports, modes and short packets get no answer") {
  Network network(one_server(), {}, 1);
  network.send(1, 4000, address(0xc0000202), request({1}));
  network.send(1, 4000, address(0xc0000201, 124), request({1}));
  network.send(1, 4000, first, Octets(47, 0x23));
  network.send(1, 4000, first, Octets(48, 0x24));
  CHECK_FALSE(std::isfinite(network.next_arrival()));
}

TEST_CASE("what is lost and what finds the way closed gets no answer") {
  auto scenario = one_server();
  scenario.servers.front().loss = 0.3;
  scenario.servers.front().open = 1000;
  Network network(scenario, {}, 1);
  int answered = 0;
  for (int i = 0; i < 1000; ++i) answered += ask(network, i * 10000, request({1})).has_value() ? 1 : 0;
  CHECK(answered > 430);
  CHECK(answered < 550);
  CHECK_FALSE(ask(network, 1500, request({1})).has_value());
}

TEST_CASE("a coming leap second is announced, and not any more when it is over") {
  Network network(one_server(), {.leap = 5000}, 1);
  CHECK(ask(network, 4000, request({1}))->payload[0] >> 6 == 1);
  CHECK(ask(network, 5001, request({1}))->payload[0] >> 6 == 0);
}

}  // namespace gnomon::testing
