// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/cmdmon/server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "base/os/socket.hpp"
#include "tests/unit/async/virtual_loop.hpp"
#include "tests/unit/core/cmdmon/requests.hpp"
#include "tests/unit/temporary_folder.hpp"

using namespace gnomon;
using namespace gnomon::testing;
using core::cmdmon::CommandServer;
using wire::Code;
using wire::Status;

namespace {

const base::Endpoint any_port{*base::parse_address("127.0.0.1"), 0};

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[0], path.data(), path.size());
  return address;
}
const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);  // NOLINT: the interface of the kernel
}
// Bound, unless the path is empty.
base::Fd unix_socket(const std::string& path, bool credentials = false) {
  base::Fd socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  const int on = 1;
  if (credentials) REQUIRE(setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
  const auto address = unix_address(path);
  if (!path.empty()) REQUIRE(bind(socket.get(), generic(address), sizeof address) == 0);
  return socket;
}

struct Fixture {
  // A user that nobody is, so that we may do everything.
  explicit Fixture(uid_t own = 4'000'000, const config::ControlSettings& settings = {}) {
    auto udp = std::move(*base::bind_udp(any_port, {}));
    udp_port = base::local_endpoint(udp.get())->port;
    std::vector<base::Fd> sockets;
    sockets.push_back(std::move(udp));
    sockets.push_back(unix_socket(path, true));
    server =
        std::make_unique<CommandServer>(loop.tasks, std::move(sockets), settings, own, reporter, &clients);
    server->start();
  }
  ~Fixture() { loop.drain(); }

  base::Fd udp_client(const char* from = "127.0.0.1") {
    auto client = std::move(*base::bind_udp({*base::parse_address(from), 0}, {}));
    const auto server_address = base::to_socket_address({any_port.address, udp_port});
    REQUIRE(connect(client.get(), server_address.get(), server_address.size) == 0);
    return client;
  }
  base::Fd unix_client(const std::string& bound_to) {
    auto client = unix_socket(bound_to);
    const auto address = unix_address(path);
    REQUIRE(connect(client.get(), generic(address), sizeof address) == 0);
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
  bool is_silent(const base::Fd& client, const base::Buffer& request) {
    send(client, request);
    loop.run_ready();
    return !receive(client);
  }

  TemporaryFolder folder;
  std::string path = folder / "chronyd.sock";
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
  CHECK(f.ask(f.unix_client(f.folder / "chronyc.1.sock"), command_request(Code::tracking)).status ==
        Status::success);
  const auto listed = f.clients.page({.most = 8}, {}).clients;
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].address == any_port.address);
  CHECK(listed[0].commands.hits == 2);
  CHECK(listed[0].commands.drops == 0);
}

TEST_CASE("who reaches the Unix socket may do everything") {
  Fixture f;
  const auto client = f.unix_client(f.folder / "chronyc.1.sock");
  CHECK(f.ask(client, command_request(Code::server_stats)).status == Status::success);
  CHECK(f.ask(client, command_request(Code::makestep)).status == Status::success);
  CHECK(f.ask(client, command_request(Code::shutdown)).status == Status::success);
  CHECK(f.reporter.shut_downs == 1);
}

TEST_CASE("a sender with the daemon's own user, as its roles have it, gets what UDP would get") {
  Fixture f{geteuid()};
  const auto client = f.unix_client(f.folder / "chronyc.1.sock");
  const auto refused = geteuid() == 0 ? Status::success : Status::unauthorised;
  CHECK(f.ask(client, command_request(Code::tracking)).status == Status::success);
  CHECK(f.ask(client, command_request(Code::shutdown)).status == refused);
}

TEST_CASE("who has no address or goes away gets no answer, and others do") {
  Fixture f;
  const auto nameless = f.unix_client("");
  CHECK(f.is_silent(nameless, command_request(Code::tracking)));
  {
    const auto gone = f.unix_client(f.folder / "gone");
    Fixture::send(gone, command_request(Code::tracking));
  }
  const auto client = f.unix_client(f.folder / "here");
  CHECK(f.ask(client, command_request(Code::tracking)).status == Status::success);
}

TEST_CASE("descriptors that come with a request are closed") {
  Fixture f;
  const auto client = f.unix_client(f.folder / "chronyc.1.sock");
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  base::Fd reading{ends[0]};
  base::Fd writing{ends[1]};
  auto request = command_request(Code::tracking);
  iovec vector{request.data(), request.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  auto* const part = CMSG_FIRSTHDR(&header);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(part), &ends[1], sizeof(int));
  REQUIRE(sendmsg(client.get(), &header, 0) > 0);
  writing.close();
  f.loop.run_until([&] { return Fixture::receive(client).has_value(); });
  char octet = 0;
  CHECK(read(reading.get(), &octet, 1) == 0);  // nobody has the other end any more
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

TEST_CASE("a flood of those who may only look takes turns, and operators are answered meanwhile") {
  Fixture f;
  const auto guest = f.udp_client();
  const auto operators = f.unix_client(f.folder / "chronyc.1.sock");
  const int burst = static_cast<int>(CommandServer::guests_at_once);
  for (int i = 0; i < burst; ++i)
    CHECK(f.ask(guest, command_request(Code::activity)).status == Status::success);
  // None is left: the next waits for its turn, in virtual time.
  CHECK(f.is_silent(guest, command_request(Code::activity)));
  CHECK(f.ask(operators, command_request(Code::activity)).status == Status::success);
  f.loop.advance(std::chrono::milliseconds{2});
  f.loop.run_ready();
  CHECK(Fixture::receive(guest));
}
