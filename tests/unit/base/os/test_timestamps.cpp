// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/timestamps.hpp"

#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/uio.h>

#include "base/os/clocks.hpp"
#include "base/os/socket.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::base;
using namespace std::chrono_literals;

namespace {

Fd open_socket(const char* address, bool v6_only = true) {
  SocketOptions options;
  options.v6_only = v6_only;
  auto socket = bind_udp({*parse_address(address), 0}, options);
  INFO((socket ? std::string{} : to_string(socket.error())));
  REQUIRE(socket);
  REQUIRE(enable_timestamps(socket->get(), TimestampKind::receive_and_transmit));
  REQUIRE(enable_packet_info(socket->get()));
  return std::move(*socket);
}

std::uint16_t port_of(const Fd& socket) {
  return local_endpoint(socket.get())->port;
}

void send(const Fd& from, const Endpoint& to, const IpAddress& local = {}, bool wished = false) {
  std::uint8_t octet = 1;
  iovec payload{&octet, 1};
  const int family = address_family(from.get());
  auto address = to_socket_address(to, family == AF_INET6);
  msghdr header{};
  header.msg_name = address.get();
  header.msg_namelen = address.size;
  header.msg_iov = &payload;
  header.msg_iovlen = 1;
  ControlBuffer control;
  answer_from(header, control, local, 0, family);
  if (wished) request_tx_timestamp(header, control);
  REQUIRE(sendmsg(from.get(), &header, 0) == 1);
}

struct Received {
  Endpoint from;
  Arrival arrival;
};

Received receive(const Fd& socket) {
  pollfd waited{socket.get(), POLLIN, 0};
  REQUIRE(poll(&waited, 1, 10000) == 1);
  std::uint8_t octet = 0;
  iovec payload{&octet, 1};
  SocketAddress from;
  ControlBuffer control;
  msghdr header{};
  header.msg_name = from.get();
  header.msg_namelen = from.size;
  header.msg_iov = &payload;
  header.msg_iovlen = 1;
  header.msg_control = control.octets.data();
  header.msg_controllen = control.octets.size();
  REQUIRE(recvmsg(socket.get(), &header, 0) == 1);
  return {to_endpoint(from), read_arrival(header)};
}

// The kernel switches its receive timestamps on in the background, so the first packets may come without.
void await_receive_timestamps(const Fd& sender, const Fd& receiver, const Endpoint& to) {
  for (int attempt = 0; attempt < 100'000; ++attempt) {
    send(sender, to);
    while (next_tx_timestamp(sender.get())) {
    }
    if (receive(receiver).arrival.time) break;
  }
}

std::optional<TxTimestamp> tx_timestamp(const Fd& socket) {
  pollfd waited{socket.get(), 0, 0};  // POLLERR comes unasked
  REQUIRE(poll(&waited, 1, 10000) == 1);
  return next_tx_timestamp(socket.get());
}

bool is_now(RealTime t) {
  return std::chrono::abs(read_now().real - t) < 10s;
}

}  // namespace

TEST_CASE("the kernel tells when a packet came, to which address, and when ours left") {
  for (const char* const address : {"127.0.0.1", "::1"}) {
    const auto sender = open_socket(address);
    const auto receiver = open_socket(address);
    const Endpoint to{*parse_address(address), port_of(receiver)};
    const auto other = open_socket(address);
    await_receive_timestamps(other, receiver, to);
    send(sender, to);
    const auto received = receive(receiver);
    CHECK(received.from == Endpoint{to.address, port_of(sender)});
    REQUIRE(received.arrival.time);
    CHECK(is_now(*received.arrival.time));
    CHECK(received.arrival.local == to.address);
    CHECK(received.arrival.interface != 0);
    const auto left = tx_timestamp(sender);
    REQUIRE(left);
    CHECK(left->packet == 0);
    CHECK(is_now(*left->time));
    CHECK(left->time <= *received.arrival.time);
    CHECK_FALSE(next_tx_timestamp(sender.get()));
  }
}

TEST_CASE("where network cards have timestamps the kernel tells by which interface ours left") {
  for (const char* const address : {"127.0.0.1", "::1"}) {
    const auto sender = open_socket(address);
    const auto receiver = open_socket(address);
    REQUIRE(enable_timestamps(sender.get(), TimestampKind::receive_and_transmit, Hardware::yes));
    send(sender, {*parse_address(address), port_of(receiver)});
    const auto left = tx_timestamp(sender);
    REQUIRE(left);
    CHECK(left->interface == if_nametoindex("lo"));
  }
}

TEST_CASE("departures are counted in the order of sending") {
  const auto sender = open_socket("127.0.0.1");
  const auto receiver = open_socket("127.0.0.1");
  const Endpoint to{*parse_address("127.0.0.1"), port_of(receiver)};
  for (std::uint32_t i = 0; i < 3; ++i) {
    send(sender, to);
    const auto left = tx_timestamp(sender);
    REQUIRE(left);
    CHECK(left->packet == i);
  }
}

TEST_CASE("only wished departures are told and counted, from 0 on again after a restart") {
  const auto sender = open_socket("127.0.0.1");
  const auto receiver = open_socket("127.0.0.1");
  REQUIRE(enable_timestamps(sender.get(), TimestampKind::receive_and_wished_transmit));
  REQUIRE(restart_tx_timestamps(sender.get()));
  const Endpoint to{*parse_address("127.0.0.1"), port_of(receiver)};
  const auto local = *parse_address("127.0.0.1");
  for (const std::uint32_t packet : {0U, 1U, 0U}) {
    send(sender, to);
    send(sender, to, local, true);
    const auto left = tx_timestamp(sender);
    REQUIRE(left);
    CHECK(left->packet == packet);
    CHECK(is_now(*left->time));
    CHECK_FALSE(next_tx_timestamp(sender.get()));
    send(sender, to, {}, packet == 1);
    if (packet != 1) continue;
    CHECK(tx_timestamp(sender)->packet == 2);
    REQUIRE(restart_tx_timestamps(sender.get()));
  }
}

TEST_CASE("a reply leaves from the address that was asked") {
  const auto server = open_socket("0.0.0.0");
  const auto client = open_socket("127.0.0.1");
  send(client, {*parse_address("127.0.0.9"), port_of(server)});
  const auto request = receive(server);
  CHECK(request.arrival.local == parse_address("127.0.0.9"));
  send(server, request.from, request.arrival.local);
  CHECK(receive(client).from.address == parse_address("127.0.0.9"));
}

TEST_CASE("a dual-stack socket serves IPv4 under its plain address") {
  const auto server = open_socket("::", false);
  const auto client = open_socket("127.0.0.1");
  send(client, {*parse_address("127.0.0.9"), port_of(server)});
  const auto request = receive(server);
  CHECK(request.from == Endpoint{*parse_address("127.0.0.1"), port_of(client)});
  CHECK(request.arrival.local == parse_address("127.0.0.9"));
  send(server, request.from, request.arrival.local);
  CHECK(receive(client).from.address == parse_address("127.0.0.9"));
}

TEST_CASE("where an answer is from is told in what the kernel takes without allocating memory") {
  constexpr std::size_t on_its_stack = 36;  // ____sys_sendmsg() in net/socket.c
  for (const char* const address : {"127.0.0.9", "::1"}) {
    msghdr header{};
    ControlBuffer control;
    answer_from(header, control, *parse_address(address), 1, AF_INET6);
    CHECK(header.msg_controllen <= on_its_stack);
    answer_from(header, control, *parse_address("127.0.0.9"), 1, AF_INET);
    CHECK(header.msg_controllen <= on_its_stack);
  }
}

TEST_CASE("an answer over either family has the address that was asked and its departure told") {
  const auto server = open_socket("::", false);
  REQUIRE(enable_timestamps(server.get(), TimestampKind::receive_and_wished_transmit));
  for (const auto& [asks, asked] : {std::pair{"127.0.0.1", "127.0.0.9"}, std::pair{"::1", "::1"}}) {
    const auto client = open_socket(asks);
    send(client, {*parse_address(asked), port_of(server)});
    const auto request = receive(server);
    send(server, request.from, request.arrival.local, true);
    CHECK(receive(client).from.address == parse_address(asked));
    CHECK(tx_timestamp(server));
  }
}

TEST_CASE("endpoints survive the kernel's form") {
  for (const char* const text : {"192.0.2.1", "2001:db8::5", "fe80::1%7"}) {
    const Endpoint endpoint{*parse_address(text), 4460};
    CHECK(to_endpoint(to_socket_address(endpoint)) == endpoint);
    CHECK(to_endpoint(to_socket_address(endpoint, true)) == endpoint);
  }
}

TEST_CASE("a port that is taken is an error unless it is shared") {
  SocketOptions shared;
  shared.reuse_port = true;
  const auto first = bind_udp({*parse_address("127.0.0.1"), 0}, shared);
  REQUIRE(first);
  const auto endpoint = *local_endpoint(first->get());
  CHECK(bind_udp(endpoint, {}).error().code == EADDRINUSE);
  CHECK(bind_udp(endpoint, shared));
}
