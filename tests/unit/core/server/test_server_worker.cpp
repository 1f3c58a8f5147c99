// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/os/clocks.hpp"
#include "base/os/socket.hpp"
#include "daemon/core/server/ntp_server.hpp"
#include "daemon/core/server/server_task.hpp"
#include "daemon/core/server/server_worker.hpp"
#include "protocol/ntp/packet.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::NtpServer;

namespace {

const base::MachineClock machine_clock;

const auto loopback = *base::parse_address("127.0.0.1");

base::Fd bound(const base::IpAddress& address, std::uint16_t port = 0, bool v6_only = true) {
  auto socket = base::bind_udp({address, port}, {.v6_only = v6_only});
  REQUIRE(socket);
  return std::move(*socket);
}

std::uint16_t port_of(const base::Fd& socket) {
  return base::local_endpoint(socket.get())->port;
}

config::ServerSettings open_to_all() {
  config::ServerSettings settings;
  settings.access = {{.allow = true, .subnet = {}, .all = false}};
  return settings;
}

engine::ServerView good_view() {
  const auto now = base::read_now().real;
  return {.leap = base::LeapIndicator::none,
          .stratum = 2,
          .precision = -25,
          .root_delay = base::Seconds{0.01},
          .root_dispersion = base::Seconds{0.001},
          .dispersion_time = now,
          .reference_id = base::ReferenceId{0x01020304},
          .reference_time = now};
}

base::Buffer request(std::uint64_t transmit, base::NtpTimestamp origin = {}) {
  base::Buffer datagram(protocol::header_size);
  base::ByteWriter writer{datagram};
  const std::uint64_t receive = origin.is_zero() ? 0 : transmit + 1;
  protocol::write_header({.origin = origin, .receive = {receive}, .transmit = {transmit}}, writer);
  return datagram;
}

class Client {
 public:
  Client(const base::IpAddress& server, std::uint16_t port) : socket_(bound({.family = server.family})) {
    const auto to = base::to_socket_address({server, port});
    REQUIRE(connect(socket_.get(), to.get(), to.size) == 0);
    const timeval timeout{10, 0};
    REQUIRE(setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) == 0);
    REQUIRE(fcntl(socket_.get(), F_SETFL, 0) == 0);  // blocking
  }
  void send(const base::Buffer& datagram) const {
    REQUIRE(::send(socket_.get(), datagram.data(), datagram.size(), 0) ==
            static_cast<ssize_t>(datagram.size()));
  }
  // Connected: an answer from another address than the one asked would never arrive here.
  [[nodiscard]] protocol::Header receive() const {
    std::array<std::uint8_t, 2048> space{};
    const auto size = recv(socket_.get(), space.data(), space.size(), 0);
    REQUIRE(size == protocol::header_size);
    const auto header = protocol::parse_header(base::Bytes{space}.first(static_cast<std::size_t>(size)));
    REQUIRE(header);
    return *header;
  }

 private:
  base::Fd socket_;
};

struct Fixture {
  explicit Fixture(base::Fd socket = bound(loopback), const config::ServerSettings& settings = open_to_all())
      : port(port_of(socket)), server(sockets(std::move(socket)), settings, machine_clock) {
    server.publish(good_view());
    server.open();
  }
  static std::vector<base::Fd> sockets(base::Fd socket) {
    std::vector<base::Fd> list;
    list.push_back(std::move(socket));
    return list;
  }
  std::uint16_t port;
  NtpServer server;
};

}  // namespace

TEST_CASE("a request is answered with our view of the clock and times around its arrival") {
  Fixture f;
  const Client client{loopback, f.port};
  const auto before = base::read_now().real;
  client.send(request(0x1122334455667788));
  const auto answer = client.receive();
  const auto after = base::read_now().real;
  CHECK(answer.mode == protocol::Mode::server);
  CHECK(answer.origin.value == 0x1122334455667788);
  CHECK(answer.stratum == 2);
  CHECK(answer.reference_id.value == 0x01020304);
  CHECK(base::from_ntp(answer.receive, before) >= before - std::chrono::microseconds{1});
  CHECK(base::from_ntp(answer.transmit, before) <= after + std::chrono::microseconds{1});
  CHECK((answer.transmit - answer.receive).value >= 0);
}

TEST_CASE("more requests than a batch holds are all answered, each with its own origin") {
  Fixture f;
  const Client client{loopback, f.port};
  std::set<std::uint64_t> wanted;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    client.send(request(i));
    wanted.insert(i);
  }
  for (int i = 0; i < 100; ++i) wanted.erase(client.receive().origin.value);
  CHECK(wanted.empty());
  const auto totals = f.server.totals();
  CHECK(totals.hits == 100);
  CHECK(totals.kernel_rx + totals.daemon_rx == 100);
}

TEST_CASE("what is no request gets no answer, and the next request does") {
  Fixture f;
  const Client client{loopback, f.port};
  client.send(base::Buffer(47, 0x23));
  client.send(base::Buffer(3000, 0x23));
  auto control_message = request(1);
  control_message[0] = 0x26;  // mode 6
  client.send(control_message);
  client.send(request(7));
  CHECK(client.receive().origin.value == 7);
  CHECK(f.server.totals().hits == 4);
  CHECK(f.server.totals().drops == 3);
}

TEST_CASE("a request of our own gets one answer, whoever repeats it and wherever that comes in") {
  Fixture f;
  const Client client{loopback, f.port};
  const Client other{loopback, f.port};
  f.server.own_requests().asked(request(100));
  for (const auto transmit : {100U, 100U, 101U}) client.send(request(transmit));
  CHECK(client.receive().origin.value == 100);
  CHECK(client.receive().origin.value == 101);
  for (const auto transmit : {100U, 102U}) other.send(request(transmit));
  CHECK(other.receive().origin.value == 102);
}

TEST_CASE("the answer comes from the address that was asked") {
  auto any = bound({.family = base::AddressFamily::ipv4});
  Fixture f{std::move(any)};
  const auto other = *base::parse_address("127.0.0.77");
  const Client client{other, f.port};
  client.send(request(9));
  CHECK(client.receive().origin.value == 9);
}

TEST_CASE(
    "the kernel is asked for the address of a request only where the socket has none, or a card is asked") {
  const auto asks = [](const base::IpAddress& address, base::Hardware hardware) {
    const core::ServerWorker worker{bound(address),
                                    {.clock = machine_clock, .memory = {}, .hardware = hardware}};
    return base::integer_option(worker.socket(), IPPROTO_IP, IP_PKTINFO);
  };
  CHECK(asks({.family = base::AddressFamily::ipv4}, base::Hardware::no) == 1);
  CHECK(asks(loopback, base::Hardware::no) == 0);
  CHECK(asks(loopback, base::Hardware::yes) == 1);
}

namespace {

// Goes on by `tick` with each reading.
class TickingClock final : public base::Clock {
 public:
  [[nodiscard]] base::Now now() const override {
    ++readings;
    now_.real += tick;
    now_.mono += tick;
    return now_;
  }
  [[nodiscard]] base::Duration asleep() const override { return {}; }
  base::Duration tick{};
  mutable int readings = 0;

 private:
  // Later than the kernel's timestamps, before which no answer leaves.
  mutable base::Now now_{.real = base::read_now().real + std::chrono::hours{1},
                         .mono = base::MonoTime{std::chrono::hours{1}}};
};

struct Alone {
  TickingClock clock;
  base::Fd bound_socket = bound(loopback);
  Client client{loopback, port_of(bound_socket)};
  core::ServerWorker worker{std::move(bound_socket), {.clock = clock, .memory = {}}};

  Alone() {
    worker.publish(std::make_shared<const engine::ServerSnapshot>(engine::ServerSnapshot{
        .view = good_view(), .access = base::AccessTable{open_to_all().access}, .sealer = nullptr}));
  }
  // How often the clock was read.
  int serve(int count, const base::Buffer& datagram = request(1)) {
    clock.readings = 0;
    const auto wanted = worker.counters().hits + static_cast<std::uint64_t>(count);
    for (int i = 0; i < count; ++i) client.send(datagram);
    while (worker.counters().hits < wanted) {
      pollfd waited{worker.socket(), POLLIN, 0};
      REQUIRE(poll(&waited, 1, 10000) == 1);
      worker.serve_pending();
    }
    return clock.readings;
  }
  std::vector<base::NtpTimestamp> transmit_timestamps(int count) {
    std::vector<base::NtpTimestamp> all;
    for (int i = 0; i < count; ++i) all.push_back(client.receive().transmit);
    return all;
  }
};

}  // namespace

TEST_CASE("requests that come together share the readings of the clock, whatever they are") {
  Alone alone;
  auto with_field = request(9);
  with_field.insert(with_field.end(), {0x7f, 0x00, 0, 28});
  with_field.resize(with_field.size() + 24);
  for (const auto& datagram : {request(1), with_field}) {
    // 3, and 2 for the first one after a pause, if none comes late
    CHECK(alone.serve(32, datagram) < 32);
    static_cast<void>(alone.transmit_timestamps(32));
  }
}

TEST_CASE("answers that are sent together tell when each of them leaves") {
  using namespace std::chrono_literals;
  Alone alone;
  alone.clock.tick = 16us;  // to make four, and to send them
  constexpr int count = 4;
  int together = 0;
  for (int round = 0; round < 400; ++round) {
    const bool at_once = alone.serve(count) == 3;
    const auto after = alone.clock.now().real - alone.clock.tick;  // of the last reading
    const auto told = alone.transmit_timestamps(count);
    CHECK(std::ranges::is_sorted(told, [](auto a, auto b) { return (a - b).value < 0; }));
    if (round < 200 || !at_once) continue;
    ++together;
    // The first reading was two ticks before the last: one to make them, one to send them.
    CHECK(base::from_ntp(told.front(), after) > after - alone.clock.tick);
    CHECK(base::from_ntp(told.back(), after) < after);
    CHECK((told.back() - told.front()).seconds() > base::Seconds{8e-6});
  }
  CHECK(together > 0);
}

TEST_CASE("a clock that stands still after it has run holds no answer up for ever") {
  Alone alone;
  alone.clock.tick = std::chrono::microseconds{16};
  for (int round = 0; round < 100; ++round) {
    static_cast<void>(alone.serve(4));
    static_cast<void>(alone.transmit_timestamps(4));
  }
  alone.clock.tick = {};
  CHECK(alone.serve(4) > 4);
  CHECK(alone.transmit_timestamps(4).size() == 4);
}

TEST_CASE("one socket of both families serves both") {
  auto socket = base::bind_udp({{.family = base::AddressFamily::ipv6}, 0}, {.v6_only = false});
  if (!socket) {  // a machine without IPv6 has no such socket to serve
    CHECK(socket.error().code == EAFNOSUPPORT);
    return;
  }
  Fixture f{std::move(*socket)};
  const Client over_4{loopback, f.port};
  over_4.send(request(4));
  CHECK(over_4.receive().origin.value == 4);
  const Client over_6{*base::parse_address("::1"), f.port};
  over_6.send(request(6));
  CHECK(over_6.receive().origin.value == 6);
}

TEST_CASE("a new view is what the next answers say") {
  Fixture f;
  const Client client{loopback, f.port};
  client.send(request(1));
  CHECK(client.receive().stratum == 2);
  auto view = good_view();
  view.stratum = 5;
  f.server.publish(view);
  client.send(request(2));
  CHECK(client.receive().stratum == 5);
}

namespace {

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = base::read_now().mono + std::chrono::seconds{10};
  while (!condition()) {
    if (base::read_now().mono > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// One request that asks when the answer with receive timestamp `origin` left.
protocol::Header ask(std::uint16_t port, std::uint64_t transmit, base::NtpTimestamp origin) {
  const Client client{loopback, port};  // a fresh port each time
  client.send(request(transmit, origin));
  return client.receive();
}

}  // namespace

TEST_CASE("who names an earlier answer learns when the kernel saw it leave") {
  Fixture f;
  const auto first = ask(f.port, 10, {1});
  const auto second = ask(f.port, 20, first.receive);
  const auto third = ask(f.port, 30, second.receive);
  CHECK(first.origin.value == 10);
  CHECK(second.origin.value == 21);
  CHECK(second.transmit == first.transmit);  // nobody knew yet that it would be asked for
  CHECK(third.origin.value == 31);
  CHECK((third.transmit - second.receive).value > 0);
  CHECK((third.transmit - second.receive).seconds().count() < 1);
  // An answer is counted after it has left.
  CHECK(eventually([&f] { return f.server.totals().kernel_tx == 2; }));
  const auto totals = f.server.totals();
  CHECK(totals.interleaved == 2);
  CHECK(totals.daemon_tx == 1);
  CHECK(totals.timestamps.answers == 3);
}

TEST_CASE("interleaved mode works across workers: the next request may come to another one") {
  std::vector<base::Fd> sockets;
  base::SocketOptions shared{.reuse_port = true};
  sockets.push_back(std::move(*base::bind_udp({loopback, 0}, shared)));
  const auto port = port_of(sockets.front());
  for (int i = 0; i < 3; ++i) sockets.push_back(std::move(*base::bind_udp({loopback, port}, shared)));
  NtpServer server{std::move(sockets), open_to_all(), machine_clock};
  server.publish(good_view());
  server.open();
  auto last = ask(port, 10, {1});
  for (std::uint64_t i = 2; i <= 40; ++i) {
    last = ask(port, 10 * i, last.receive);
    CHECK(last.origin.value == 10 * i + 1);
  }
  CHECK(server.totals().interleaved == 39);
}

TEST_CASE("a client has one limit, however many workers its requests come to") {
  auto settings = open_to_all();
  settings.rate_limit = {.interval = {10}, .burst = 5, .leak = 0, .kod = 0};
  std::vector<base::Fd> sockets;
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < 4; ++i) ports.push_back(port_of(sockets.emplace_back(bound(loopback))));
  NtpServer server{std::move(sockets), settings, machine_clock};
  server.publish(good_view());
  server.open();
  for (std::uint64_t i = 1; i <= 10; ++i)
    for (const auto port : ports) Client{loopback, port}.send(request(i));
  CHECK(eventually([&server] { return server.totals().hits == 40; }));
  CHECK(server.totals().drops == 35);
  const auto clients = server.client_log()->page({.most = 8}, base::read_now().mono).clients;
  REQUIRE(clients.size() == 1);
  CHECK(clients[0].address == loopback);
  CHECK(clients[0].ntp.hits == 40);
  CHECK(clients[0].ntp.drops == 35);
}

TEST_CASE("a worker that cannot wait for requests says so") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  Fixture f;
  CHECK_FALSE(f.server.failure());
  const Client client{loopback, f.port};
  const rlimit too_few{1, before.rlim_max};  // poll() fails by it when it starts again
  REQUIRE(setrlimit(RLIMIT_NOFILE, &too_few) == 0);
  client.send(request(1));
  const bool told = eventually([&f] { return f.server.failure().has_value(); });
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(told);
}

TEST_CASE("plain clients leave no trace in the memory and cost no departures") {
  Fixture f;
  for (std::uint64_t i = 1; i <= 5; ++i) CHECK(ask(f.port, i, {}).origin.value == i);
  CHECK(eventually([&f] { return f.server.totals().daemon_tx == 5; }));
  CHECK(f.server.totals().timestamps.answers == 0);
  CHECK(f.server.totals().kernel_tx == 0);
}

TEST_CASE("with noclientlog, and after the clock was set, answers are basic") {
  auto settings = open_to_all();
  settings.no_client_log = true;
  Fixture forgetful{bound(loopback), settings};
  CHECK(ask(forgetful.port, 20, ask(forgetful.port, 10, {1}).receive).origin.value == 20);
  Fixture f;
  const auto first = ask(f.port, 10, {1});
  f.server.clock_was_set();
  CHECK(f.server.totals().timestamps.answers == 0);
  CHECK(ask(f.port, 20, first.receive).origin.value == 20);
}

TEST_CASE("without threads the event loop serves") {
  testing::Loop loop;
  auto socket = bound(loopback);
  const auto port = port_of(socket);
  NtpServer server{Fixture::sockets(std::move(socket)), open_to_all(), machine_clock,
                   core::ServerThreads::none};
  CHECK_FALSE(server.has_threads());
  server.publish(good_view());
  for (auto* const worker : server.workers()) loop.tasks.spawn("server", core::serve_here(loop.io, *worker));
  const Client client{loopback, port};
  for (std::uint64_t i = 1; i <= 40; ++i) client.send(request(i));
  loop.run_until([&] { return server.totals().hits == 40; });
  for (std::uint64_t i = 1; i <= 40; ++i) CHECK(client.receive().origin.value == i);
  client.send(request(77));
  loop.run_until([&] { return server.totals().hits == 41; });
  CHECK(client.receive().origin.value == 77);
  loop.drain();
}

TEST_CASE("a socket that comes later is served by the event loop, with all that the others have") {
  testing::Loop loop;
  NtpServer server{{}, open_to_all(), machine_clock};
  CHECK_FALSE(server.serves());
  CHECK(server.totals().timestamps.answers == 0);
  auto socket = bound(loopback);
  const auto port = port_of(socket);
  loop.tasks.spawn("server", core::serve_here(loop.io, server.add(std::move(socket))));
  CHECK(server.serves());
  server.publish(good_view());
  const Client client{loopback, port};
  client.send(request(1));
  loop.run_until([&] { return server.totals().hits == 1; });
  const auto first = client.receive();
  client.send(request(2, first.receive));
  loop.run_until([&] { return server.totals().hits == 2; });
  CHECK(server.totals().timestamps.answers == 1);
  loop.drain();
}

TEST_CASE("a server that was never opened ends as well") {
  std::vector<base::Fd> sockets;
  sockets.push_back(bound(loopback));
  const NtpServer server{std::move(sockets), open_to_all(), machine_clock};
  CHECK(server.serves());
}
