// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/sockets/command_relay.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/os/channel.hpp"
#include "daemon/launcher/sockets/unix_socket.hpp"
#include "ipc/codec.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/temporary_folder.hpp"
#include "tests/unit/unix_sockets.hpp"

using namespace gnomon;
using namespace gnomon::launcher;
using testing::generic;
using testing::send_descriptors;
using testing::unix_address;

namespace {

std::string received(const base::Fd& socket) {
  std::array<char, 2048> octets{};
  const auto size = recv(socket.get(), octets.data(), octets.size(), MSG_DONTWAIT);
  return size < 0 ? "nothing" : std::string{octets.data(), static_cast<std::size_t>(size)};
}
base::Buffer buffer(const std::string& text) {
  return {text.begin(), text.end()};
}

struct Fixture {
  Fixture() {
    auto channel = std::move(*base::make_channel());
    core = std::move(channel.theirs);
    REQUIRE(fcntl(channel.ours.get(), F_SETFL, O_NONBLOCK) == 0);
    relay = CommandRelay{std::move(*bind_unix(path, SOCK_DGRAM, true)), std::move(channel.ours)};
    socket = relay.awaited();
  }
  base::Fd client(const std::string& bound_to) {
    base::Fd client = bound_to.empty() ? base::Fd{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)}
                                       : std::move(*bind_unix(bound_to, SOCK_DGRAM));
    const auto address = unix_address(path);
    REQUIRE(connect(client.get(), generic(address), sizeof address) == 0);
    return client;
  }
  static void send(const base::Fd& client, const std::string& text) {
    REQUIRE(::send(client.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }
  struct Request {
    std::uint32_t number = 0;
    ipc::CommandRequest message;
  };
  // What the core finds in its channel.
  std::optional<Request> asked() const {
    base::Buffer octets(ipc::max_frame_size);
    const auto size = recv(core.get(), octets.data(), octets.size(), MSG_DONTWAIT);
    if (size <= 0) return std::nullopt;
    octets.resize(static_cast<std::size_t>(size));
    const auto frame = ipc::parse_frame(octets);
    REQUIRE(frame);
    REQUIRE(ipc::is_legal(frame->type, ipc::Link::commands, ipc::Sender::helper));
    return Request{frame->request_id, *ipc::decode<ipc::CommandRequest>(*frame)};
  }
  void answer(std::uint32_t number, const std::string& text) const {
    REQUIRE(base::send_datagram(core.get(), ipc::encode(ipc::CommandReply{buffer(text)}, number)));
  }
  // Of a client who has sent this.
  std::uint32_t number_of_request() {
    REQUIRE(relay.pass_on());
    return asked().value().number;
  }

  testing::TemporaryFolder folder;
  std::string path = folder / "chronyd.sock";
  base::Fd core;
  CommandRelay relay;
  int socket = -1;
};

}  // namespace

TEST_CASE("a command goes to the core with its sender, and the reply to who asked") {
  Fixture f;
  const auto one = f.client(f.folder / "one");
  const auto other = f.client(f.folder / "other");
  Fixture::send(one, "a question");
  REQUIRE(f.relay.pass_on());
  const auto request = f.asked();
  REQUIRE(request);
  CHECK(request->message.user == geteuid());
  CHECK(request->message.octets == buffer("a question"));
  f.answer(request->number, "its answer");
  REQUIRE(f.relay.pass_on());
  CHECK(received(one) == "its answer");
  CHECK(received(other) == "nothing");
}

TEST_CASE("commands take turns: the next goes to the core when this one is answered, or is not to be") {
  Fixture f;
  const auto client = f.client(f.folder / "client");
  Fixture::send(client, "first");
  Fixture::send(client, "second");
  Fixture::send(client, "third");
  CHECK(f.relay.awaited() == f.socket);
  const auto first = f.number_of_request();
  CHECK(f.relay.awaited() != f.socket);
  REQUIRE(f.relay.pass_on());  // for nothing
  CHECK_FALSE(f.asked());
  f.answer(first, "");
  REQUIRE(f.relay.pass_on());
  CHECK(received(client) == "nothing");
  const auto second = f.number_of_request();
  CHECK(second != first);
  f.answer(second, "2");
  REQUIRE(f.relay.pass_on());
  CHECK(received(client) == "2");
  CHECK(f.relay.awaited() == f.socket);
}

TEST_CASE("who could not be answered, or sends what is no request, is not heard, and the next is") {
  Fixture f;
  Fixture::send(f.client(""), "nobody");
  const auto client = f.client(f.folder / "client");
  Fixture::send(client, std::string(ipc::longest_command + 1, 'x'));
  Fixture::send(client, std::string(5000, 'x'));
  Fixture::send(client, std::string(ipc::longest_command, 'x'));
  for (int i = 0; i < 3; ++i) {
    REQUIRE(f.relay.pass_on());
    CHECK_FALSE(f.asked());
    CHECK(f.relay.awaited() == f.socket);
  }
  REQUIRE(f.relay.pass_on());
  CHECK(f.asked().value().message.octets.size() == ipc::longest_command);
}

TEST_CASE("a core that says what it may not is found out, and nobody gets it") {
  const auto said = [](Fixture& f, const base::Buffer& octets, int descriptor = -1) {
    const auto client = f.client(f.folder / "client");
    Fixture::send(client, "five.");
    REQUIRE(f.number_of_request() == 1);
    REQUIRE(base::send_datagram(f.core.get(), octets, descriptor));
    const auto done = f.relay.pass_on();
    CHECK(received(client) == (done ? "12345" : "nothing"));
    CHECK((f.relay.awaited() == -1) == !done);
    return done ? "nothing" : done.error();
  };
  const auto reply = [](const std::string& text, std::uint32_t number) {
    return ipc::encode(ipc::CommandReply{buffer(text)}, number);
  };
  Fixture good, longer, late, other, garbage, gift;
  CHECK(said(good, reply("12345", 1)) == "nothing");
  CHECK(said(longer, reply("123456", 1)).contains("longer one than the request"));
  CHECK(said(late, reply("12345", 0)).contains("forbidden message"));
  CHECK(said(other, ipc::encode(ipc::Ready{}, 1)).contains("cannot be read"));
  CHECK(said(garbage, buffer("12345")).contains("forbidden message"));
  CHECK(said(gift, reply("12345", 1), 0).contains("something else than a message"));
}

TEST_CASE("what a core says unasked is not read") {
  Fixture f;
  f.answer(1, "a");
  CHECK(f.relay.awaited() == f.socket);
}

TEST_CASE("a reply follows no link, and goes to no socket that the sender could not have made") {
  Fixture f;
  const auto victim = std::move(*bind_unix(f.folder / "victim", SOCK_DGRAM));
  const auto client = f.client(f.folder / "client");
  Fixture::send(client, "question");
  const auto number = f.number_of_request();
  REQUIRE(unlink((f.folder / "client").c_str()) == 0);
  REQUIRE(symlink((f.folder / "victim").c_str(), (f.folder / "client").c_str()) == 0);
  f.answer(number, "answer");
  REQUIRE(f.relay.pass_on());
  CHECK(received(client) == "nothing");
  CHECK(received(victim) == "nothing");
  const auto text = buffer("text");
  send_to_socket_of(geteuid() + 1, f.folder / "victim", victim.get(), text);
  CHECK(received(victim) == "nothing");
  send_to_socket_of(geteuid(), f.folder / "client", victim.get(), text);
  send_to_socket_of(geteuid(), f.folder / "no-such", victim.get(), text);
  send_to_socket_of(geteuid(), f.folder / "", victim.get(), text);
  CHECK(received(victim) == "nothing");
  send_to_socket_of(geteuid(), f.folder / "victim", victim.get(), text);
  CHECK(received(victim) == "text");
}

TEST_CASE("who is gone, or does not read, holds up nobody") {
  Fixture f;
  const auto silent = f.client(f.folder / "silent");
  for (int i = 0; i < 100; ++i) {
    Fixture::send(silent, "question");
    const auto number = f.number_of_request();
    f.answer(number, "answer");
    REQUIRE(f.relay.pass_on());
  }
  {
    const auto gone = f.client(f.folder / "gone");
    Fixture::send(gone, "question");
  }
  f.answer(f.number_of_request(), "answer");
  REQUIRE(f.relay.pass_on());
  const auto client = f.client(f.folder / "client");
  Fixture::send(client, "question");
  f.answer(f.number_of_request(), "answer");
  REQUIRE(f.relay.pass_on());
  CHECK(received(client) == "answer");
}

TEST_CASE("descriptors that come with a command are closed") {
  Fixture f;
  const auto client = f.client(f.folder / "client");
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const base::Fd reading{ends[0]};
  REQUIRE(send_descriptors(client.get(), std::array{ends[1]}));
  close(ends[1]);
  REQUIRE(f.relay.pass_on());
  CHECK(f.asked());
  char octet = 0;
  CHECK(read(reading.get(), &octet, 1) == 0);  // nobody has the other end any more
}

TEST_CASE("without a core nobody is heard any more") {
  for (const bool asked : {false, true}) {
    Fixture f;
    const auto client = f.client(f.folder / "client");
    Fixture::send(client, "question");
    if (asked) REQUIRE(f.relay.pass_on());
    f.core.close();
    REQUIRE(f.relay.pass_on());
    CHECK(f.relay.awaited() == -1);
  }
  CHECK(CommandRelay{}.awaited() == -1);
}
