// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/os/groups.hpp"
#include "daemon/core/control/server.hpp"
#include "tests/unit/core/control/reporter.hpp"
#include "tests/unit/core/sources/context.hpp"
#include "tests/unit/unix_sockets.hpp"

using namespace gnomon;
using core::control::ControlServer;
using testing::generic;
using testing::Loop;
using testing::unix_address;
namespace json = boost::json;

namespace {

base::Fd listen_at(const std::string& path) {
  base::Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const auto address = unix_address(path);
  REQUIRE(bind(socket.get(), generic(address), sizeof address) == 0);
  REQUIRE(listen(socket.get(), 128) == 0);
  return socket;
}

class Client {
 public:
  explicit Client(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto address = unix_address(path);
    REQUIRE(connect(socket_.get(), generic(address), sizeof address) == 0);
  }
  void send(const std::string& text) {
    REQUIRE(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  // Whether octets (or the end of the stream) are there.
  bool has_news() {
    std::array<char, 65536> space{};
    const auto size = recv(socket_.get(), space.data(), space.size(), MSG_DONTWAIT);
    if (size > 0) received_.append(space.data(), static_cast<std::size_t>(size));
    ended_ = ended_ || size == 0;
    return ended_ || received_.ends_with('\0');
  }
  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  base::Fd socket_;
  std::string received_;
  bool ended_ = false;
};

// By our own group, where we are not root.
core::control::Operators operators_with_us() {
  return {.own = geteuid() + 1, .group = getegid()};
}

const std::string tracking_call = std::string{R"({"method":"io.gnomon.Control.Tracking"})"} + '\0';

struct Fixture {
  explicit Fixture(core::control::Operators operators = {.own = 1})
      : server{loop.tasks, listen_at(path), operators, reporter} {
    server.start();
  }
  ~Fixture() { loop.drain(); }
  void wait_for(Client& client) {
    loop.run_until([&] { return client.has_news(); });
  }

  testing::TemporaryFolder folder;
  std::string path = folder / "control";
  Loop loop;
  testing::SetReporter reporter;
  ControlServer server;
};

}  // namespace

TEST_CASE("a call over the socket is answered, and the next one on the same connection too") {
  Fixture f;
  f.reporter.tracking_report.stratum = 3;
  Client client{f.path};
  for (const auto wanted : {1, 2}) {
    client.send(tracking_call);
    f.loop.run_until(
        [&] { return client.has_news() && std::ranges::count(client.received(), '\0') == wanted; });
  }
  const auto first = client.received().substr(0, client.received().find('\0'));
  CHECK(json::parse(first).as_object().at("parameters").as_object().at("stratum").as_int64() == 3);
}

TEST_CASE("a call that comes in pieces is answered when it is whole") {
  Fixture f;
  Client client{f.path};
  client.send(tracking_call.substr(0, 10));
  f.loop.run_ready();
  CHECK_FALSE(client.has_news());
  client.send(tracking_call.substr(10));
  f.wait_for(client);
  CHECK(client.received().find("\"parameters\"") != std::string::npos);
}

TEST_CASE("what is not varlink ends its connection and no other") {
  Fixture f;
  Client good{f.path};
  Client bad{f.path};
  bad.send(std::string{"GET / HTTP/1.1\r\n\r\n"} + '\0');
  f.wait_for(bad);
  CHECK(bad.ended());
  good.send(tracking_call);
  f.wait_for(good);
  CHECK_FALSE(good.ended());
}

TEST_CASE("a message without end is cut off at the limit") {
  Fixture f;
  Client client{f.path};
  client.send(std::string(core::control::max_message_size, ' '));
  f.loop.run_until([&] { return f.server.drops() == 1; });
  CHECK(f.server.hits() == 0);
}

TEST_CASE("a reload may take longer than who is idle may stay") {
  std::vector<core::control::ReloadDone> reloads;
  Fixture f{operators_with_us()};
  f.reporter.reloads = &reloads;
  Client client{f.path};
  client.send(std::string{R"({"method":"io.gnomon.Control.Reload"})"} + '\0');
  f.loop.run_until([&] { return !reloads.empty(); });
  f.loop.advance(10 * core::control::idle_limit);
  f.loop.run_ready();
  CHECK_FALSE(client.has_news());
  reloads.front()(core::control::ReloadOutcome{.applied = true});
  f.wait_for(client);
  CHECK_FALSE(client.ended());
  CHECK(client.received().find("\"applied\":true") != std::string::npos);
}

TEST_CASE("those who may only look leave room for those who may order") {
  using core::control::has_room;
  using core::control::Right;
  constexpr int for_all = core::control::max_connections - core::control::kept_for_operators;
  CHECK(has_room(for_all - 1, Right::observe));
  CHECK_FALSE(has_room(for_all, Right::observe));
  CHECK(has_room(for_all, Right::operate));
  CHECK_FALSE(has_room(core::control::max_connections, Right::operate));
}

TEST_CASE("more connections than are allowed are turned away") {
  Fixture f{operators_with_us()};
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < core::control::max_connections; ++i) {
    clients.push_back(std::make_unique<Client>(f.path));
    clients.back()->send(tracking_call);
    f.wait_for(*clients.back());
  }
  Client one_more{f.path};
  f.wait_for(one_more);
  CHECK(one_more.ended());
  clients.pop_back();
  f.loop.run_ready();
  Client after_that{f.path};
  after_that.send(tracking_call);
  f.wait_for(after_that);
  CHECK_FALSE(after_that.ended());
}

TEST_CASE("orders are taken from those who may give them, by the kernel's word") {
  Fixture f{operators_with_us()};
  Client client{f.path};
  client.send(std::string{R"({"method":"io.gnomon.Control.Shutdown"})"} + '\0');
  f.loop.run_until([&] { return client.has_news() && f.reporter.shut_downs == 1; });
  CHECK(client.received().find("error") == std::string::npos);
}

TEST_CASE("many calls of one connection at once do not keep another one waiting") {
  Fixture f{operators_with_us()};
  Client greedy{f.path};
  Client modest{f.path};
  std::string calls;
  for (int i = 0; i < 100; ++i) calls += std::string{R"({"method":"io.gnomon.Control.Reselect"})"} + '\0';
  greedy.send(calls);
  modest.send(tracking_call);
  f.wait_for(modest);
  CHECK(f.server.hits() < 50);
  f.loop.run_until([&] { return f.server.hits() == 101; });
}

TEST_CASE("all who ask in the same moment get one report") {
  Fixture f{operators_with_us()};
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 16; ++i) {
    clients.push_back(std::make_unique<Client>(f.path));
    clients.back()->send(tracking_call);
  }
  for (auto& client : clients) f.wait_for(*client);
  // A machine that is busy with something else may need more than one moment for all of them.
  CHECK(f.reporter.trackings_built < 16);
}

TEST_CASE("root and members of the operators' group may give orders, the daemon's own user never") {
  using core::control::Caller;
  using core::control::Operators;
  using core::control::Right;
  using core::control::right_of;
  const Operators without_group{.own = 998};
  const Operators with_group{.own = 998, .group = 500};
  CHECK(right_of(Caller{.user = 0}, without_group) == Right::operate);
  CHECK(right_of(Caller{.user = 1000, .groups = {500, 1000}}, with_group) == Right::operate);
  CHECK(right_of(Caller{.user = 1000, .groups = {1000}}, with_group) == Right::observe);
  CHECK(right_of(Caller{.user = 1000, .groups = {500}}, without_group) == Right::observe);
  CHECK(right_of(Caller{.user = 998, .groups = {998}}, with_group) == Right::observe);
  CHECK(right_of(Caller{.user = 998, .groups = {998, 500}}, with_group) == Right::observe);
  // Who was told to stay root is served by root all the same.
  CHECK(right_of(Caller{.user = 0}, Operators{.own = 0}) == Right::operate);
}

TEST_CASE("the kernel tells the user and all groups of who is at the other end") {
  Fixture f;
  std::array<int, 2> ends{};
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  const base::Fd ours{ends[0]};
  const base::Fd theirs{ends[1]};
  const auto caller = core::control::caller_of(ours.get());
  REQUIRE(caller);
  CHECK(caller->user == geteuid());
  auto groups = base::supplementary_groups();
  groups.push_back(getegid());
  CHECK(std::ranges::is_permutation(caller->groups, groups));
}

namespace {

// The log that a follower hears.
struct Events {
  Events() : words(8192), log{span(), clock} {}
  std::span<std::uint8_t> span() {
    return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 8};  // NOLINT: octets of it
  }
  void add(const std::string& text) { log.on_written(base::as_bytes("MESSAGE=" + text + "\n")); }
  testing::VirtualClock clock;
  std::vector<std::uint64_t> words;
  core::EventLog log;
};

const std::string follow_call = std::string{R"({"method":"io.gnomon.Control.Events","more":true})"} + '\0';

}  // namespace

TEST_CASE("who follows the events gets those that are there and each that comes, until it goes") {
  Events events;
  Fixture f;
  f.reporter.event_log = &events.log;
  events.add("first");
  std::optional<Client> client{f.path};
  client->send(follow_call);
  f.loop.run_until([&] { return client->has_news() && client->received().contains("first"); });
  f.loop.run_ready();
  CHECK(events.log.followers() == 1);
  events.add("second");
  f.loop.run_until([&] { return client->has_news() && client->received().contains("second"); });
  CHECK(std::ranges::count(client->received(), '\0') == 2);
  client.reset();
  f.loop.run_until([&] { return events.log.followers() == 0; });
}

TEST_CASE("who says something while it follows is hung up on") {
  Events events;
  Fixture f;
  f.reporter.event_log = &events.log;
  Client client{f.path};
  client.send(follow_call);
  f.wait_for(client);
  client.send("x");
  f.loop.run_until([&] { return client.has_news() && client.ended(); });
  CHECK(events.log.followers() == 0);
}

TEST_CASE("who follows and does not read holds nobody up, and ends by the time limit") {
  Events events;
  Fixture f{operators_with_us()};
  f.reporter.event_log = &events.log;
  Client deaf{f.path};
  deaf.send(follow_call);
  f.loop.run_until([&] { return events.log.followers() == 1; });
  // More than the socket holds.
  for (int i = 0; i < 2000; ++i) {
    events.add(std::string(2000, 'x'));
    f.loop.run_ready();
  }
  Client other{f.path};
  other.send(tracking_call);
  f.wait_for(other);
  CHECK_FALSE(other.ended());
  CHECK(events.log.followers() == 1);
  f.loop.advance(core::control::idle_limit + std::chrono::seconds{1});
  f.loop.run_until([&] { return events.log.followers() == 0; });
}
