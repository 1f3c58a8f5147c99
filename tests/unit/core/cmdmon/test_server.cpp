// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/server.hpp"

#include <sys/socket.h>

#include <memory>

#include "base/os/channel.hpp"
#include "base/os/socket.hpp"
#include "ipc/codec.hpp"
#include "tests/unit/async/virtual_loop.hpp"
#include "tests/unit/core/cmdmon/requests.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using core::cmdmon::CommandServer;
using core::cmdmon::GuestTurns;
using wire::Code;
using wire::Status;

namespace {

const base::Endpoint any_port{*base::parse_address("127.0.0.1"), 0};

struct Fixture {
  // A user that nobody is, so that we may do everything.
  explicit Fixture(uid_t own = 4'000'000, const config::ControlSettings& settings = {}) {
    auto udp = std::move(*base::bind_udp(any_port, {}));
    udp_port = base::local_endpoint(udp.get())->port;
    std::vector<base::Fd> sockets;
    sockets.push_back(std::move(udp));
    auto channel = std::move(*base::make_channel());
    launcher = std::move(channel.ours);
    server = std::make_unique<CommandServer>(loop.tasks, std::move(sockets), std::move(channel.theirs),
                                             settings, own, reporter, &clients);
    server->start();
  }
  ~Fixture() { loop.drain(); }

  base::Fd udp_client(const char* from = "127.0.0.1") {
    auto client = std::move(*base::bind_udp({*base::parse_address(from), 0}, {}));
    const auto server_address = base::to_socket_address({any_port.address, udp_port});
    REQUIRE(connect(client.get(), server_address.get(), server_address.size) == 0);
    return client;
  }
  static void send(const base::Fd& client, const base::Buffer& request) {
    REQUIRE(::send(client.get(), request.data(), request.size(), 0) == static_cast<ssize_t>(request.size()));
  }
  static std::optional<CommandReply> receive(const base::Fd& client) {
    base::Buffer octets(2048);
    const auto size = recv(client.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    if (size < 0) return std::nullopt;
    octets.resize(static_cast<std::size_t>(size));
    return read_reply(octets);
  }
  CommandReply ask(const base::Fd& client, const base::Buffer& request) {
    send(client, request);
    std::optional<CommandReply> reply;
    loop.run_until([&] { return (reply = receive(client)).has_value(); });
    return *reply;
  }
  // As the launcher passes on what this user sent; the octets of the reply.
  void pass_on(uid_t user, const base::Buffer& request) {
    REQUIRE(base::send_datagram(launcher.get(), ipc::encode(ipc::CommandRequest{user, request}, ++number)));
  }
  std::optional<base::Buffer> relayed_reply() {
    base::Buffer octets(ipc::max_frame_size);
    const auto size = recv(launcher.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    if (size < 0) return std::nullopt;
    octets.resize(static_cast<std::size_t>(size));
    const auto frame = ipc::parse_frame(octets);
    REQUIRE(frame);
    CHECK(frame->request_id == number);
    return ipc::decode<ipc::CommandReply>(*frame)->octets;
  }
  base::Buffer octets_for(uid_t user, const base::Buffer& request) {
    pass_on(user, request);
    std::optional<base::Buffer> reply;
    loop.run_until([&] { return (reply = relayed_reply()).has_value(); });
    return *reply;
  }
  CommandReply ask_as(uid_t user, const base::Buffer& request) {
    return read_reply(octets_for(user, request));
  }
  bool is_silent(const base::Fd& client, const base::Buffer& request) {
    send(client, request);
    loop.run_ready();
    return !receive(client);
  }

  base::Fd launcher;
  std::uint32_t number = 0;
  std::uint16_t udp_port = 0;
  Loop loop;
  SetReporter reporter;
  engine::ClientLog clients{64, 1};
  std::unique_ptr<CommandServer> server;
};

}  // namespace

TEST_CASE("over UDP this machine gets the open commands and no others") {
  Fixture f;
  const auto client = f.udp_client();
  CHECK(f.ask(client, command_request(Code::tracking)).status == Status::success);
  CHECK(f.ask(client, command_request(Code::server_stats)).status == Status::unauthorised);
  CHECK(f.ask(client, command_request(Code::shutdown)).status == Status::unauthorised);
  CHECK(f.reporter.shut_downs == 0);
  CHECK(f.server->hits() == 3);
}

TEST_CASE("others are not answered unless cmdallow says so, then and from now on") {
  Fixture f;
  const auto client = f.udp_client("127.0.0.2");
  CHECK(f.is_silent(client, command_request(Code::tracking)));
  CHECK(f.server->hits() == 0);
  f.server->change_access({true, *base::parse_subnet("127.0.0.2"), false});
  CHECK(f.ask(client, command_request(Code::tracking)).status == Status::success);
  CHECK(f.ask(client, command_request(Code::makestep)).status == Status::unauthorised);
  f.server->change_access({false, *base::parse_subnet("127.0.0.2"), false});
  CHECK(f.is_silent(client, command_request(Code::tracking)));
}

TEST_CASE("who sends commands over UDP is a client, this machine too; a Unix socket has no address") {
  Fixture f;
  const auto client = f.udp_client();
  CHECK(f.ask(client, command_request(Code::tracking)).status == Status::success);
  CHECK(f.ask(client, command_request(Code::shutdown)).status == Status::unauthorised);
  CHECK(f.is_silent(f.udp_client("127.0.0.2"), command_request(Code::tracking)));
  CHECK(f.ask_as(0, command_request(Code::tracking)).status == Status::success);
  const auto listed = f.clients.page({.most = 8}, {}).clients;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].address == any_port.address);
  CHECK(listed[0].commands.hits == 2);
  CHECK(listed[0].commands.drops == 0);
}

TEST_CASE("who reaches the Unix socket may do everything") {
  for (const uid_t user : {0U, 1000U}) {
    Fixture f;
    CHECK(f.ask_as(user, command_request(Code::server_stats)).status == Status::success);
    CHECK(f.ask_as(user, command_request(Code::makestep)).status == Status::success);
    CHECK(f.ask_as(user, command_request(Code::shutdown)).status == Status::success);
    CHECK(f.reporter.shut_downs == 1);
    CHECK(f.server->hits() == 3);
  }
}

TEST_CASE("a sender with the daemon's own user, as its roles have it, gets what UDP would get") {
  Fixture f{1000};
  CHECK(f.ask_as(1000, command_request(Code::tracking)).status == Status::success);
  CHECK(f.ask_as(1000, command_request(Code::shutdown)).status == Status::unauthorised);
  Fixture root{0};
  CHECK(root.ask_as(0, command_request(Code::shutdown)).status == Status::success);
}

TEST_CASE("what is passed on and is no request is answered to the launcher, which passes nothing on") {
  Fixture f;
  for (std::size_t size = 0; size <= ipc::longest_command; size += 7)
    CHECK(f.octets_for(1000, base::Buffer(size, 0xff)).empty());
  CHECK(f.server->hits() == 0);
  CHECK(f.ask_as(1000, command_request(Code::tracking)).status == Status::success);
}

TEST_CASE("a launcher that says anything else is not heard any more") {
  Fixture f;
  REQUIRE(base::send_datagram(f.launcher.get(), ipc::encode(ipc::Stop{}, 1)));
  f.loop.run_ready();
  char octet = 0;
  CHECK(recv(f.launcher.get(), &octet, 1, MSG_DONTWAIT) == 0);
}

TEST_CASE("requests of every length, and what are none, are survived") {
  Fixture f;
  const auto client = f.udp_client();
  for (std::size_t size = 0; size <= 1000; size += 7) {
    base::Buffer octets(size, 0xff);
    CHECK(f.is_silent(client, octets));
  }
  CHECK(f.server->hits() == 0);
  CHECK(f.is_silent(client, base::Buffer(861)));
  CHECK(f.ask(client, command_request(Code::tracking)).status == Status::success);
}

TEST_CASE("requests above cmdratelimit are dropped, those of this machine never") {
  config::ControlSettings settings;
  settings.command_access = {{true, {}, true}};
  settings.command_rate_limit = config::RateLimit{.interval = {4}, .burst = 2, .leak = 4};
  Fixture f{4'000'000, settings};
  const auto other = f.udp_client("127.0.0.2");
  for (int i = 0; i < 60; ++i) Fixture::send(other, command_request(Code::activity));
  f.loop.run_ready();
  CHECK(f.server->drops() > 30);
  CHECK(f.server->hits() == 60);
  const auto ours = f.udp_client();
  for (int i = 0; i < 50; ++i) CHECK(f.ask(ours, command_request(Code::activity)).status == Status::success);
}

TEST_CASE("a flood of one who may only look takes nothing from the others of this machine or of any other") {
  config::ControlSettings settings;
  settings.command_access = {{true, {}, true}};
  Fixture f{4'000'000, settings};
  const auto flooding = f.udp_client();
  const int burst = static_cast<int>(GuestTurns::at_once);
  for (int i = 0; i < burst; ++i)
    CHECK(f.ask(flooding, command_request(Code::activity)).status == Status::success);
  CHECK(f.is_silent(flooding, command_request(Code::activity)));
  CHECK(f.server->drops() == 1);
  CHECK(f.ask_as(0, command_request(Code::activity)).status == Status::success);
  CHECK(f.ask(f.udp_client(), command_request(Code::activity)).status == Status::success);
  CHECK(f.ask(f.udp_client("127.0.0.2"), command_request(Code::activity)).status == Status::success);
  f.loop.advance(base::to_duration(2 * GuestTurns::interval));
  CHECK(f.ask(flooding, command_request(Code::activity)).status == Status::success);
}

TEST_CASE("a flood of our own user's takes turns as well") {
  Fixture f{1000};
  const int burst = static_cast<int>(GuestTurns::at_once);
  for (int i = 0; i < burst; ++i) f.ask_as(1000, command_request(Code::activity));
  CHECK(f.octets_for(1000, command_request(Code::activity)).empty());
  CHECK(f.ask_as(0, command_request(Code::activity)).status == Status::success);
  f.loop.advance(base::to_duration(2 * GuestTurns::interval));
  CHECK(f.ask_as(1000, command_request(Code::activity)).status == Status::success);
}
