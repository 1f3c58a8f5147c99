// SPDX-License-Identifier: GPL-2.0-or-later
// Pools with a resolver in the test's hands, and an owner that only counts what it is given.
#include "daemon/core/sources/pools.hpp"

#include <algorithm>

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using namespace std::chrono_literals;
using core::Pools;
using testing::FarEnd;
using testing::Loop;
using testing::read_as;

namespace {

constexpr base::SourceId id{7};

std::vector<base::IpAddress> addresses(std::initializer_list<int> last) {
  std::vector<base::IpAddress> all;
  for (const int one : last) all.push_back(*base::parse_address("192.0.2." + std::to_string(one)));
  return all;
}

config::Source line(const char* name = "pool.example", int members = 2) {
  config::Source source;
  source.kind = config::SourceKind::pool;
  source.name = name;
  source.max_sources = members;
  return source;
}

struct Fixture {
  Loop loop;
  FarEnd resolver_role;
  core::ResolveClient resolver{loop.tasks, {}};
  core::ClockDriver clock_driver{
      loop.tasks, {}, nullptr, {.on_events = [](const core::ClockEvents&) {}, .on_settled = [] {}}};
  std::vector<config::Source> members;
  std::vector<base::IpAddress> taken;  // by members, and by others
  std::vector<engine::Note> notes;
  bool way = false;
  Pools pools{
      loop.tasks,
      resolver,
      clock_driver,
      base::AddressFamily::ipv4,
      {.is_free =
           [this](const base::Endpoint& endpoint) {
             return std::ranges::find(taken, endpoint.address) == taken.end();
           },
       .has_way = [this](const base::Endpoint&) { return way; },
       .add =
           [this](const config::Source& member, const base::IpAddress& address, const config::Source&) {
             members.push_back(member);
             taken.push_back(address);
             return std::optional{core::ClockEvents{}};
           },
       .on_events = [](const core::ClockEvents&) {},
       .on_note = [this](const engine::Note& note) { notes.push_back(note); }}};

  Fixture() {
    static_cast<void>(clock_driver.start());
    resolver.connect(resolver_role.take_near());
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  template <class Answer>
  ipc::Resolve answer(const Answer& answer) {
    loop.run_ready();
    const auto asked = read_as<ipc::Resolve>(resolver_role.receive());
    resolver_role.send(answer, asked.id);
    loop.run_ready();
    return asked.message;
  }
  ipc::Resolve answer(std::initializer_list<int> last) {
    return answer(ipc::Resolved{.addresses = addresses(last)});
  }
  // Until it is asked for once more.
  void pause() {
    loop.advance(1h);
    loop.run_ready();
  }
};

}  // namespace

TEST_CASE("a literal address is no name of many, and only pools have such names") {
  CHECK(core::is_pool_name(line()));
  CHECK_FALSE(core::is_pool_name(line("192.0.2.1")));
  auto server = line();
  server.kind = config::SourceKind::server;
  CHECK_FALSE(core::is_pool_name(server));
}

TEST_CASE("a pool gives as many members as its line says, and is done") {
  Fixture f;
  f.pools.open(id, line());
  const auto asked = f.answer({1, 2, 3});
  CHECK(asked.name == "pool.example");
  CHECK(asked.family == base::AddressFamily::ipv4);
  CHECK(f.taken == addresses({1, 2}));
  CHECK(f.pools.empty());
}

TEST_CASE("addresses of others are left out, and the name is looked up again for the rest") {
  Fixture f;
  f.taken = addresses({1});
  f.pools.open(id, line());
  f.answer({1, 2});
  CHECK(f.members.size() == 1);
  CHECK(f.pools.reports().empty());
  CHECK(f.pools.missing_members() == 3);  // of twice as many
  f.pause();
  f.answer({1, 2, 3});
  CHECK(f.taken == addresses({1, 2, 3}));
  CHECK(f.pools.empty());
}

TEST_CASE("without a member a pool stands for itself") {
  Fixture f;
  auto authenticated = line();
  authenticated.nts = true;
  f.taken = addresses({1});
  f.pools.open(id, authenticated);
  f.answer({1});
  const auto reports = f.pools.reports();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].id == id);
  CHECK(reports[0].activity == engine::Activity::unresolved);
  CHECK(reports[0].name_is_taken);
  CHECK(f.pools.unresolved_with_nts() == 1);
  CHECK(f.pools.name_of(id) == "pool.example");
  CHECK(f.pools.name_of({8}).empty());
}

TEST_CASE(
    "a name that does not resolve is told with the pause, and asked for sooner when names may resolve") {
  Fixture f;
  f.pools.open(id, line());
  f.answer(ipc::ResolveFailed{ipc::ResolveError::try_again});
  REQUIRE(f.notes.size() == 1);
  CHECK(engine::is_about<engine::note::ResolveFailed>(f.notes[0]));
  CHECK(f.notes[0].source == id);
  f.pools.hasten();
  f.answer({1, 2});
  CHECK(f.members.size() == 2);
}

TEST_CASE("what commands say of a pool counts for its members to come") {
  Fixture f;
  f.pools.open(id, line());
  const auto set_offset = [](config::Source& source) { source.offset = base::Seconds{1}; };
  CHECK(f.pools.change_members("pool.example", set_offset));
  CHECK_FALSE(f.pools.change_members("other.example", set_offset));
  CHECK(f.pools.set_online({.online = false, .within = {}}));
  CHECK_FALSE(f.pools.set_online({.online = false, .within = {}, .source = "other.example"}));
  CHECK(f.pools.set_online({.online = false, .within = {}, .only = id}));
  f.answer({1, 2});
  REQUIRE(f.members.size() == 2);
  CHECK(f.members[1].offset == base::Seconds{1});
  CHECK(f.members[1].offline);
}

TEST_CASE("members to come are on line if there is a way to them") {
  Fixture f;
  f.pools.open(id, line());
  f.pools.follow_network();
  f.answer({1});
  f.way = true;
  f.pause();
  f.answer({2});
  REQUIRE(f.members.size() == 2);
  CHECK(f.members[0].offline);
  CHECK_FALSE(f.members[1].offline);
}

TEST_CASE("a pool that was removed gives no members, and is meant by no command") {
  Fixture f;
  f.pools.open(id, line());
  f.pools.open({8}, line("other.example"));
  f.loop.run_ready();  // both are being asked for
  CHECK(f.pools.remove_named("pool.example") == std::vector{line()});
  f.pools.remove(line("other.example"));
  CHECK_FALSE(f.pools.set_online({.online = true, .within = {}}));
  f.answer({1});
  f.answer({2});
  CHECK(f.members.empty());
  f.pause();
  CHECK(f.pools.empty());
}

TEST_CASE("another line changes what members to come have, but not what commands have changed since") {
  Fixture f;
  f.pools.open(id, line());
  CHECK(f.pools.change_members("pool.example", [](config::Source& source) { source.poll_target = 99; }));
  auto now = line();
  now.prefer = true;
  f.pools.change_line(line(), now);
  f.answer({1, 2});
  REQUIRE(f.members.size() == 2);
  CHECK(f.members[0].prefer);
  CHECK(f.members[0].poll_target == 99);
}
