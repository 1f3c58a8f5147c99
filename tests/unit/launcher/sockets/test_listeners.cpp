// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/listeners.hpp"

#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>

#include <fmt/format.h>

#include "base/os/socket.hpp"
#include "daemon/launcher/sockets/acquisition_sockets.hpp"
#include "daemon/launcher/sockets/awaited_device.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon;
using base::AddressFamily;

namespace {

struct QuietLog final : base::Log {
  void take(const base::LogMessage& message) override { events.push_back(message.event); }
  std::vector<base::LogEvent> events;
};

const auto loopback = base::parse_address("127.0.0.1").value();

// A port nobody has; bound and closed again.
std::uint16_t free_port() {
  const auto socket = base::bind_udp({loopback, 0}, {});
  return base::local_endpoint(socket->get())->port;
}

config::Config server_on(std::uint16_t port) {
  config::Config config;
  config.server.port = port;
  config.server.bind_addresses = {loopback};
  config.server.access = {{.allow = true}};
  config.server.workers = 3;
  return config;
}

config::CommandLine only_ipv4() {
  config::CommandLine options;
  options.family = AddressFamily::ipv4;
  return options;
}

std::expected<launcher::Listeners, std::string> open(const config::Config& config,
                                                     std::vector<base::ActivatedSocket> inherited = {},
                                                     const config::CommandLine& options = only_ipv4()) {
  QuietLog log;
  return launcher::open_listeners(config, options, inherited, log);
}

base::Endpoint local(const base::Fd& socket) {
  return base::local_endpoint(socket.get()).value();
}

}  // namespace

TEST_CASE("every worker has its own socket on the same port") {
  const auto port = free_port();
  const auto listeners = open(server_on(port));
  REQUIRE(listeners);
  REQUIRE(listeners->ntp.size() == 3);
  for (const auto& socket : listeners->ntp) CHECK(local(socket) == base::Endpoint{loopback, port});
  CHECK_FALSE(listeners->ke.wanted());
}

TEST_CASE("what is not allowed to anybody is not opened") {
  auto config = server_on(free_port());
  config.server.access.clear();
  CHECK(open(config)->ntp.empty());
}

TEST_CASE("-Q opens nothing") {
  auto options = only_ipv4();
  options.mode = config::RunMode::print_once;
  CHECK(open(server_on(free_port()), {}, options)->ntp.empty());
}

TEST_CASE("key establishment listens when there are certificates") {
  auto config = server_on(free_port());
  config.nts.port = free_port();
  config.nts.certificates = {{"a.pem", "a.key"}};
  const auto listeners = open(config);
  REQUIRE(listeners);
  REQUIRE(listeners->ke.sockets.size() == 1);
  CHECK(local(listeners->ke.sockets.front()) == base::Endpoint{loopback, config.nts.port});
}

TEST_CASE("key establishment of an interface that is not there yet listens once it is, and on it alone") {
  auto config = server_on(0);
  config.nts.port = free_port();
  config.nts.certificates = {{"a.pem", "a.key"}};
  config.server.bind_device = "later-0";
  const auto listeners = open(config);
  REQUIRE(listeners);
  CHECK(listeners->ke.wanted());
  CHECK(listeners->ke.sockets.empty());
  CHECK(listeners->deaf.empty());
  QuietLog log;
  CHECK_FALSE(launcher::reopen_ke_listeners(config, only_ipv4(), log));
  config.server.bind_device = "lo";
  const auto late = launcher::reopen_ke_listeners(config, only_ipv4(), log);
  REQUIRE(late);
  REQUIRE(late->size() == 1);
  CHECK(local(late->front()) == base::Endpoint{loopback, config.nts.port});
  CHECK_FALSE(open(config));  // it has the port
}

TEST_CASE("a port that another daemon has is refused with address, reason and remedy, also when both share") {
  const auto port = free_port();
  const auto first = open(server_on(port));
  REQUIRE(first);
  const auto second = open(server_on(port));
  REQUIRE_FALSE(second);
  const auto& sentence = second.error();
  CHECK(sentence.find("UDP 127.0.0.1:" + std::to_string(port)) != std::string::npos);
  CHECK(sentence.find("Address already in use") != std::string::npos);
  CHECK(sentence.find("set `port`") != std::string::npos);
}

TEST_CASE("a server of one address leaves us the others, and nobody else gets them then") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.bind_addresses.clear();
  const auto both = config::CommandLine{};
  {
    const auto selfish = base::bind_udp({*base::parse_address("127.0.0.3"), port}, {});
    CHECK_FALSE(open(config, {}, both));
  }
  const auto other = base::bind_udp({*base::parse_address("127.0.0.3"), port}, {.reuse_address = true});
  for (const auto& options : {only_ipv4(), both}) {
    QuietLog log;
    std::vector<base::ActivatedSocket> inherited;
    const auto listeners = launcher::open_listeners(config, options, inherited, log);
    REQUIRE(listeners);
    CHECK(log.events == std::vector{base::LogEvent::port_shared});
    CHECK(listeners->ntp.size() == 3);
    CHECK_FALSE(open(config, {}, options));
    CHECK_FALSE(base::bind_udp({loopback, port}, {.reuse_address = true}));
    const auto to = base::to_socket_address({*base::parse_address("127.0.0.3"), port});
    const auto client = base::bind_udp({loopback, 0}, {});
    REQUIRE(sendto(client->get(), "x", 1, 0, to.get(), to.size) == 1);
    char octet = 0;
    CHECK(recv(other->get(), &octet, 1, MSG_DONTWAIT) == 1);
  }
  const auto all = base::bind_udp({{AddressFamily::ipv4}, port}, {.reuse_address = true});
  CHECK_FALSE(open(config));
}

TEST_CASE("an address of another machine can be bound before it arrives") {
  auto config = server_on(free_port());
  config.server.bind_addresses = {base::parse_address("192.0.2.1").value()};
  CHECK(open(config));
}

TEST_CASE("the socket that the service manager holds for the port is used") {
  const auto port = free_port();
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back({base::bind_udp({loopback, port}, {}).value(), "ntp"});
  const int held = inherited.front().fd.get();
  const auto listeners = open(server_on(port), std::move(inherited));
  REQUIRE(listeners);
  CHECK(listeners->ntp.front().get() == held);
  CHECK(listeners->ntp.size() == 3);
}

TEST_CASE("every socket that waits at our address is used, for what is in it would be lost otherwise") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.workers = 1;
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back({base::bind_udp({loopback, port}, {.reuse_port = true}).value(), "ntp"});
  inherited.push_back({base::bind_udp({loopback, port}, {.reuse_port = true}).value(), "ntp"});
  const auto listeners = open(config, std::move(inherited));
  REQUIRE(listeners);
  CHECK(listeners->ntp.size() == 2);
  CHECK(listeners->unheld.empty());
}

TEST_CASE("of the sockets kept over a restart as many are used as there are workers, and kept again") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.workers = 2;
  std::vector<base::ActivatedSocket> inherited;
  for (int i = 0; i < 3; ++i)
    inherited.push_back({base::bind_udp({loopback, port}, {.reuse_port = true}).value(), "kept"});
  const std::vector<int> expected{inherited[0].fd.get(), inherited[1].fd.get()};
  const auto listeners = open(config, std::move(inherited));
  REQUIRE(listeners);
  CHECK(listeners->ntp.size() == 2);
  CHECK(listeners->unheld == expected);
}

TEST_CASE("kept sockets for which there is no use are closed before others are bound") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.workers = 1;
  const auto kept = [](const base::IpAddress& address, std::uint16_t at) {
    return base::ActivatedSocket{base::bind_udp({address, at}, {.reuse_port = true}).value(), "kept"};
  };
  const auto open_with = [&](std::vector<base::ActivatedSocket>& inherited) {
    QuietLog log;
    return launcher::open_listeners(config, only_ipv4(), inherited, log);
  };
  std::vector<base::ActivatedSocket> inherited;
  SECTION("of more workers than there are now: requests would go to them") {
    for (int i = 0; i < 3; ++i) inherited.push_back(kept(loopback, port));
    const int first = inherited[0].fd.get();
    const auto listeners = open_with(inherited);
    REQUIRE(listeners);
    CHECK(listeners->unheld == std::vector{first});
  }
  SECTION("of another address: the port could not be bound") {
    inherited.push_back(kept({.family = AddressFamily::ipv4}, port));
    CHECK(open_with(inherited));
  }
  SECTION("connected by the core before: nobody else would be heard") {
    inherited.push_back(kept(loopback, port));
    const auto elsewhere = base::to_socket_address({loopback, 9});
    REQUIRE(connect(inherited[0].fd.get(), elsewhere.get(), elsewhere.size) == 0);
    CHECK(open_with(inherited));
  }
  SECTION("shut down by it: nothing would be received") {
    inherited.push_back(kept(loopback, port));
    shutdown(inherited[0].fd.get(), SHUT_RDWR);  // an error is returned, and it is shut down
    CHECK(open_with(inherited));
  }
  SECTION("of another port") {
    inherited.push_back(kept(loopback, 0));
    CHECK(open_with(inherited));
  }
  for (const auto& socket : inherited) CHECK_FALSE(socket.fd);
}

TEST_CASE("what a socket unit holds is not kept, what is bound beside it is") {
  const auto port = free_port();
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back({base::bind_udp({loopback, port}, {}).value(), "ntp"});
  const auto listeners = open(server_on(port), std::move(inherited));
  REQUIRE(listeners);
  CHECK(listeners->unheld == std::vector<int>{listeners->ntp[1].get(), listeners->ntp[2].get()});
}

TEST_CASE("a socket of the service manager for another port or transport is not taken for ours") {
  const auto port = free_port();
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back({base::bind_udp({loopback, 0}, {}).value(), "ntp"});
  inherited.push_back({base::listen_tcp({loopback, port}, {}).value(), "ntp"});
  const auto listeners = open(server_on(port), std::move(inherited));
  REQUIRE(listeners);
  CHECK(local(listeners->ntp.front()) == base::Endpoint{loopback, port});
}

TEST_CASE("without bindaddress both families are served") {
  auto config = server_on(free_port());
  config.server.bind_addresses.clear();
  const auto listeners = open(config, {}, {});
  REQUIRE(listeners);
  const auto client = base::bind_udp({loopback, 0}, {.non_blocking = false});
  const auto server = base::to_socket_address({loopback, config.server.port});
  CHECK(connect(client->get(), server.get(), server.size) == 0);
  CHECK(send(client->get(), "?", 1, 0) == 1);
  std::size_t waiting = 0;
  for (const auto& socket : listeners->ntp) {
    char octet = 0;
    if (recv(socket.get(), &octet, 1, MSG_DONTWAIT) == 1) ++waiting;
  }
  CHECK(waiting == 1);
}

TEST_CASE("an interface that is not there yet is waited for by sockets that hear nothing") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.bind_device = "later-0";
  auto listeners = open(config);
  REQUIRE(listeners);
  REQUIRE(listeners->deaf.size() == listeners->ntp.size());
  CHECK(listeners->unheld.empty());  // over a restart they would stay deaf, whatever is configured then
  const auto heard = [&] {
    const auto client = base::bind_udp({loopback, 0}, {});
    const auto to = base::to_socket_address({loopback, port});
    char octet = 0;
    REQUIRE(sendto(client->get(), &octet, 1, 0, to.get(), to.size) == 1);
    return std::ranges::any_of(listeners->ntp, [&](const base::Fd& socket) {
      return recv(socket.get(), &octet, 1, MSG_DONTWAIT) == 1;
    });
  };
  CHECK_FALSE(heard());
  for (const auto& socket : listeners->ntp) REQUIRE(launcher::hear_only(socket.get(), if_nametoindex("lo")));
  CHECK(heard());
  for (const auto& socket : listeners->ntp) REQUIRE(launcher::hear_only(socket.get(), 0));
  CHECK_FALSE(heard());
}

TEST_CASE("sockets of an interface can be bound to it again, and are not kept over a restart") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.bind_device = "lo";
  std::vector<base::ActivatedSocket> inherited;
  inherited.push_back({base::bind_udp({loopback, port}, {}).value(), "kept"});  // hears all interfaces
  const auto listeners = open(config, std::move(inherited));
  REQUIRE(listeners);
  CHECK(listeners->bound.size() == listeners->ntp.size());
  CHECK(listeners->deaf.empty());
  CHECK(listeners->unheld.empty());
  for (const auto& socket : listeners->ntp) {
    REQUIRE(launcher::hear_only(socket.get(), 0));
    REQUIRE(launcher::bind_again(socket.get(), "lo"));
    CHECK(local(socket) == base::Endpoint{loopback, port});
  }
  const auto client = base::bind_udp({loopback, 0}, {});
  const auto to = base::to_socket_address({loopback, port});
  char octet = 0;
  REQUIRE(sendto(client->get(), &octet, 1, 0, to.get(), to.size) == 1);
  CHECK(std::ranges::any_of(listeners->ntp, [&](const base::Fd& socket) {
    return recv(socket.get(), &octet, 1, MSG_DONTWAIT) == 1;
  }));
  CHECK_FALSE(launcher::bind_again(listeners->ntp.front().get(), "later-0"));
}

TEST_CASE("a device that is awaited is told when it is there, and once") {
  const auto socket = base::bind_udp({loopback, 0}, {});
  auto absent = launcher::AwaitedDevice::make("later-0", {socket->get()});
  REQUIRE(absent);
  CHECK(absent->wanted());
  CHECK_FALSE(absent->look());
  auto present = launcher::AwaitedDevice::make("lo", {socket->get()});
  REQUIRE(present);
  const auto change = present->look();
  REQUIRE(change);
  CHECK(change->is_there);
  CHECK(change->done.has_value());
  CHECK_FALSE(present->look());
  auto awaited_elsewhere = launcher::AwaitedDevice::make("lo", {}, {}, true);
  REQUIRE(awaited_elsewhere);
  CHECK(awaited_elsewhere->look());
  auto awaited_by_none = launcher::AwaitedDevice::make("lo", {});
  REQUIRE(awaited_by_none);
  CHECK_FALSE(awaited_by_none->look());
  CHECK_FALSE(launcher::AwaitedDevice{}.wanted());
  const auto none = launcher::AwaitedDevice::make("", {});
  REQUIRE(none);
  CHECK(none->events() == -1);  // interfaces that come and go wake nobody
}

TEST_CASE("questions may leave from the port that is served, by sockets that take nothing from the server") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.workers = 1;
  config.client.acquisition_port = port;
  config.client.bind_addresses = {loopback};
  auto listeners = open(config);
  REQUIRE(listeners);
  REQUIRE(listeners->acquisition.size() == launcher::acquisition_sockets_each);
  for (const auto& socket : listeners->acquisition) CHECK(local(socket) == base::Endpoint{loopback, port});
  const auto client = base::bind_udp({loopback, 0}, {});
  const auto to = base::to_socket_address({loopback, port});
  char octet = 0;
  REQUIRE(sendto(client->get(), &octet, 1, 0, to.get(), to.size) == 1);
  CHECK(recv(listeners->ntp.front().get(), &octet, 1, MSG_DONTWAIT) == 1);
  CHECK_FALSE(base::bind_udp({loopback, port}, {.reuse_address = true}));
  config.client.acquisition_port = free_port();
  config.server.port = free_port();
  CHECK(open(config)->acquisition.empty());
}

TEST_CASE("sockets of a server that nobody was allowed to use at the start can be had later") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.access.clear();
  CHECK(open(config)->ntp.empty());
  QuietLog log;
  const auto sockets = launcher::open_late_ntp_sockets(config, only_ipv4(), {}, log);
  REQUIRE(sockets);
  REQUIRE(sockets->size() == 1);  // one worker: no thread can be started any more
  CHECK(local(sockets->front()) == base::Endpoint{loopback, port});
  CHECK(launcher::open_late_ntp_sockets(config, only_ipv4(), {}, log)
            .error()
            .find("another server has the port") != std::string::npos);
}

TEST_CASE("peers are spoken with from the port that is served, and a client takes no server's port") {
  const auto port = free_port();
  auto config = server_on(port);
  config.server.workers = 1;
  config.server.bind_addresses = {loopback};
  config.client.acquisition_port = port;
  config.client.bind_addresses = {loopback};
  auto listeners = open(config);
  REQUIRE(listeners);
  auto alone = config;  // without such a client it gets them when there is a peer
  alone.client.acquisition_port = std::nullopt;
  CHECK(launcher::open_peer_sockets(alone, {}, listeners->ntp, listeners->acquisition).empty());
  alone.sources.push_back({.kind = config::SourceKind::peer});
  CHECK_FALSE(launcher::open_peer_sockets(alone, {}, listeners->ntp, listeners->acquisition).empty());
  const auto peers = launcher::open_peer_sockets(config, {}, listeners->ntp, listeners->acquisition);
  REQUIRE(peers.size() >= launcher::acquisition_sockets_each);
  CHECK(local(peers.front()) == base::Endpoint{loopback, port});
  const auto client = base::bind_udp({loopback, 0}, {});
  const auto to = base::to_socket_address({loopback, port});
  char octet = 0;
  REQUIRE(sendto(client->get(), &octet, 1, 0, to.get(), to.size) == 1);
  CHECK(recv(listeners->ntp.front().get(), &octet, 1, MSG_DONTWAIT) == 1);
  CHECK_FALSE(base::bind_udp({loopback, port}, {.reuse_address = true}));
  config::Config asks;
  asks.server.port = free_port();
  CHECK(launcher::open_peer_sockets(asks, {}, {}, {}).empty());
  const auto late = launcher::open_late_peer_sockets(config, only_ipv4(), {});  // the server's is not shared
  REQUIRE_FALSE(late);
  CHECK(late.error() ==
        fmt::format("Could not bind UDP port {}: bind: Address already in use; another server has it", port));
}
