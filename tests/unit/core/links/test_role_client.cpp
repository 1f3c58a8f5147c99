// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "daemon/core/links/resolve_client.hpp"
#include "daemon/core/links/role_client.hpp"
#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using core::RequestError;
using core::RoleClient;
using core::Timeout;
using testing::FarEnd;
using testing::Loop;
using testing::read_as;
using namespace std::chrono_literals;

namespace {

using Outcome = std::optional<std::expected<core::Reply, RequestError>>;

asio::awaitable<void> ask(RoleClient& client, std::string name, Timeout timeout, Outcome& into) {
  const ipc::Resolve request{.name = std::move(name)};
  into.emplace(co_await client.request(request, timeout));
}

asio::awaitable<void> look_up(core::ResolveClient& resolver, std::optional<engine::Resolved>& into) {
  into.emplace(co_await resolver.resolve("time.example", base::AddressFamily::unspecified));
}

const auto address = *base::parse_address("192.0.2.7");
const ipc::Resolved answer{.addresses = {address}};

struct Fixture {
  Loop loop;
  std::vector<std::string> lost;
  std::vector<std::uint32_t> late;
  RoleClient client{loop.tasks,
                    ipc::Link::resolve,
                    {.on_event = {},
                     .on_disconnect = [this](const std::string& why) { lost.push_back(why); },
                     .on_late = [this](const ipc::Frame& frame) { late.push_back(frame.request_id); }}};

  ~Fixture() { loop.drain(); }
  void begin(const std::string& name, Outcome& into, Timeout timeout = {}) {
    loop.tasks.spawn("ask", ask(client, name, timeout, into));
    loop.run_ready();
  }
  void connect(FarEnd& end) {
    client.connect(end.take_near());
    loop.run_ready();
  }
};

struct OnDemand {
  Loop loop;
  int wanted = 0;
  int released = 0;
  RoleClient client{loop.tasks,
                    ipc::Link::resolve,
                    {.on_event = {},
                     .on_disconnect = {},
                     .on_wanted = [this] { ++wanted; },
                     .on_idle = [this] { ++released; }}};

  ~OnDemand() { loop.drain(); }
  void connect(FarEnd& end) {
    client.connect(end.take_near());
    loop.run_ready();
  }
};

}  // namespace

TEST_CASE("a reply that comes after its request was given up is still heard") {
  Fixture f;
  FarEnd role;
  f.connect(role);
  Outcome outcome;
  f.begin("slow", outcome, {.reply = std::chrono::milliseconds{1}});
  const auto asked = read_as<ipc::Resolve>(role.receive());
  f.loop.run_until([&] { return outcome.has_value(); });
  CHECK(outcome->error() == RequestError::timeout);
  role.send(answer, asked.id);
  f.loop.run_until([&] { return !f.late.empty(); });
  CHECK(f.late == std::vector{asked.id});
  CHECK(f.lost.empty());
}

TEST_CASE("a reply finds the request it belongs to, whatever the order") {
  Fixture f;
  FarEnd role;
  f.connect(role);
  Outcome first;
  Outcome second;
  f.begin("first", first);
  f.begin("second", second);
  const auto asked_first = read_as<ipc::Resolve>(role.receive());
  const auto asked_second = read_as<ipc::Resolve>(role.receive());
  CHECK(asked_first.message.name == "first");
  CHECK(asked_first.id != asked_second.id);
  role.send(answer, asked_second.id);
  f.loop.run_until([&] { return second.has_value(); });
  CHECK_FALSE(first.has_value());
  role.send(ipc::ResolveFailed{}, asked_first.id);
  f.loop.run_until([&] { return first.has_value(); });
  REQUIRE(*first);
  CHECK((*first)->frame().type == ipc::MessageType::resolve_failed);
  REQUIRE(*second);
  CHECK(ipc::decode<ipc::Resolved>((*second)->frame())->addresses == answer.addresses);
}

TEST_CASE("a request waits for a role that is not there yet") {
  Fixture f;
  Outcome outcome;
  f.begin("name", outcome);
  FarEnd role;
  f.connect(role);
  role.send(answer, read_as<ipc::Resolve>(role.receive()).id);
  f.loop.run_until([&] { return outcome.has_value(); });
  CHECK(outcome->has_value());
}

TEST_CASE(
    "a role on demand is asked for by a request, and released when nothing has been asked for a minute") {
  OnDemand f;
  CHECK(f.client.rests());
  Outcome outcome;
  f.loop.tasks.spawn("ask", ask(f.client, "name", {}, outcome));
  f.loop.run_ready();
  CHECK(f.wanted == 1);
  FarEnd role;
  f.connect(role);
  CHECK_FALSE(f.client.rests());
  const auto asked = read_as<ipc::Resolve>(role.receive());
  f.loop.advance(59s);
  f.loop.run_ready();
  role.send(answer, asked.id);
  f.loop.run_until([&] { return outcome.has_value(); });
  const auto answered = f.loop.now().mono;
  f.loop.run_until([&] { return f.released == 1; });
  CHECK(f.loop.now().mono == answered + core::role_idle_limit);
  CHECK_FALSE(f.client.connected());
  CHECK(f.client.rests());
  CHECK(role.receive().empty());
}

TEST_CASE("a role on demand that has something to do is not released, however long it takes") {
  OnDemand f;
  FarEnd role;
  f.connect(role);
  Outcome outcome;
  f.loop.tasks.spawn("ask", ask(f.client, "name", {.reply = 10min}, outcome));
  f.loop.run_ready();
  for (int i = 0; i < 9; ++i) {
    f.loop.advance(1min);
    f.loop.run_ready();
  }
  CHECK(f.client.connected());
  role.send(answer, read_as<ipc::Resolve>(role.receive()).id);
  f.loop.run_until([&] { return outcome.has_value(); });
  CHECK(outcome->has_value());
  CHECK(f.released == 0);
}

TEST_CASE("many requests at once want one role, and all of them get it") {
  OnDemand f;
  std::vector<Outcome> outcomes(64);
  for (auto& each : outcomes) f.loop.tasks.spawn("ask", ask(f.client, "name", {}, each));
  f.loop.run_ready();
  FarEnd role;
  f.connect(role);
  for (int i = 0; i < 64; ++i) {
    role.send(answer, read_as<ipc::Resolve>(role.receive()).id);
    f.loop.run_ready();
  }
  f.loop.run_until(
      [&] { return std::ranges::all_of(outcomes, [](const auto& one) { return one.has_value(); }); });
  CHECK(std::ranges::all_of(outcomes, [](const auto& one) { return one->has_value(); }));
}

TEST_CASE("a role that dies costs its request nothing when another one comes") {
  Fixture f;
  FarEnd role;
  f.connect(role);
  Outcome outcome;
  f.begin("name", outcome);
  static_cast<void>(role.receive());
  role.close();
  f.loop.run_until([&] { return !f.client.connected(); });
  CHECK(f.lost.size() == 1);
  FarEnd successor;
  f.connect(successor);
  const auto again = read_as<ipc::Resolve>(successor.receive());
  CHECK(again.message.name == "name");
  successor.send(answer, again.id);
  f.loop.run_until([&] { return outcome.has_value(); });
  CHECK(outcome->has_value());
}

TEST_CASE("a request over which the role dies twice is given up") {
  Fixture f;
  Outcome outcome;
  f.begin("name", outcome);
  for (int i = 0; i < 2; ++i) {
    FarEnd role;
    f.connect(role);
    static_cast<void>(role.receive());
    role.close();
    f.loop.run_until([&] { return !f.client.connected(); });
  }
  f.loop.run_until([&] { return outcome.has_value(); });
  CHECK(outcome->error() == RequestError::disconnected);
}

TEST_CASE("nobody waits for ever: neither for a role nor for its reply") {
  Fixture f;
  constexpr Timeout short_timeout{.connection = std::chrono::milliseconds{1},
                                  .reply = std::chrono::milliseconds{1}};
  Outcome without_role;
  f.begin("name", without_role, short_timeout);
  f.loop.run_until([&] { return without_role.has_value(); });
  CHECK(without_role->error() == RequestError::disconnected);
  FarEnd silent;
  f.connect(silent);
  Outcome without_reply;
  f.begin("name", without_reply, short_timeout);
  f.loop.run_until([&] { return without_reply.has_value(); });
  CHECK(without_reply->error() == RequestError::timeout);
  // Its late reply is nobody's, and harms nothing.
  silent.send(answer, read_as<ipc::Resolve>(silent.receive()).id);
  f.loop.run_ready();
  CHECK(f.client.connected());
}

TEST_CASE("a role that does not read its channel costs a request no more than its time") {
  Fixture f;
  FarEnd deaf;
  f.connect(deaf);
  constexpr int more_than_fit = 2000;
  std::vector<Outcome> outcomes(more_than_fit);
  for (auto& outcome : outcomes) f.begin("name", outcome, {.reply = std::chrono::seconds{1}});
  f.loop.advance(std::chrono::seconds{1});
  f.loop.run_ready();
  CHECK(std::ranges::count_if(outcomes, [](const Outcome& outcome) {
          return outcome && outcome->error() == RequestError::timeout;
        }) == more_than_fit);
  CHECK(f.client.connected());
}

TEST_CASE("a message that a role may not send ends the connection") {
  Fixture f;
  FarEnd role;
  f.connect(role);
  const auto bad =
      GENERATE(base::Buffer{1, 2, 3}, ipc::encode(ipc::Stop{}, 1), ipc::encode(ipc::Resolve{.name = "x"}, 1),
               base::Buffer(ipc::max_frame_size + 1, 0), ipc::encode(ipc::ResolveFailed{}, 0));
  role.send_octets(bad);
  f.loop.run_until([&] { return !f.client.connected(); });
  CHECK(f.lost == std::vector<std::string>{"it sent a forbidden message"});
}

TEST_CASE("names become addresses by the role, and literal addresses without it") {
  Loop loop;
  core::ResolveClient resolver{loop.tasks, {}};
  const auto literal = loop.result_of(resolver.resolve("192.0.2.7", base::AddressFamily::unspecified));
  CHECK(literal.addresses == std::vector{address});
  CHECK(loop.result_of(resolver.resolve("192.0.2.7", base::AddressFamily::ipv6)).addresses.empty());
  const auto too_long =
      loop.result_of(resolver.resolve(std::string(300, 'a'), base::AddressFamily::unspecified));
  CHECK(too_long.addresses.empty());
  loop.drain();
}

TEST_CASE("why a name has no address is told apart") {
  Loop loop;
  core::ResolveClient resolver{loop.tasks, {}};
  FarEnd role;
  resolver.connect(role.take_near());
  using engine::NameFailure;
  for (const auto& [error, failure] : {std::pair{ipc::ResolveError::not_found, NameFailure::no_such_name},
                                       std::pair{ipc::ResolveError::try_again, NameFailure::no_answer},
                                       std::pair{ipc::ResolveError::failed, NameFailure::not_possible}}) {
    std::optional<engine::Resolved> outcome;
    loop.tasks.spawn("name", look_up(resolver, outcome));
    loop.run_ready();
    role.send(ipc::ResolveFailed{error}, read_as<ipc::Resolve>(role.receive()).id);
    loop.run_until([&] { return outcome.has_value(); });
    CHECK(outcome->addresses.empty());
    CHECK(outcome->failure == failure);
  }
  loop.drain();
}

TEST_CASE("addresses that no server can have are told and left out, whatever the name is looked up for") {
  Loop loop;
  std::string told;
  core::ResolveClient resolver{loop.tasks,
                               {.on_impossible = [&](const std::string& name, const std::string& which) {
                                 told = name + ": " + which;
                               }}};
  FarEnd role;
  resolver.connect(role.take_near());
  const auto many = *base::parse_address("224.0.0.1");
  for (const auto& good : {std::vector{address}, std::vector<base::IpAddress>{}}) {
    std::optional<engine::Resolved> outcome;
    loop.tasks.spawn("name", look_up(resolver, outcome));
    loop.run_ready();
    ipc::Resolved found{.addresses = {many}};
    found.addresses.insert(found.addresses.end(), good.begin(), good.end());
    role.send(found, read_as<ipc::Resolve>(role.receive()).id);
    loop.run_until([&] { return outcome.has_value(); });
    CHECK(outcome->addresses == good);
    CHECK(told == "time.example: 224.0.0.1, it is a multicast address");
    if (good.empty()) CHECK(outcome->failure == engine::NameFailure::impossible);
  }
  loop.drain();
}

TEST_CASE("a resolver that leaves for another with other files is no loss, and names are asked for again") {
  Loop loop;
  std::vector<std::string> lost;
  int changes = 0;
  core::ResolveClient resolver{loop.tasks,
                               {.on_disconnect = [&](const std::string& why) { lost.push_back(why); },
                                .on_files_changed = [&] { ++changes; }}};
  FarEnd first;
  resolver.connect(first.take_near());
  first.send(ipc::NameFilesChanged{}, 0);
  loop.run_ready();
  first.close();
  loop.run_ready();
  CHECK(lost.empty());
  CHECK(changes == 0);
  FarEnd second;
  resolver.connect(second.take_near());
  CHECK(changes == 1);
  loop.run_ready();
  second.close();
  loop.run_until([&] { return !lost.empty(); });
  FarEnd third;
  resolver.connect(third.take_near());
  CHECK(changes == 1);
  loop.drain();
}
