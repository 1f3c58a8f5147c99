// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/role_table.hpp"

#include <unistd.h>
#include <array>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using ipc::Role;

namespace {

int some_descriptor() {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  close(ends[1]);
  return ends[0];
}

struct OneProcess {
  void connect(base::Fd channel) { channels.push_back(channel.get()); }
  [[nodiscard]] bool connected() const { return !channels.empty(); }
  std::vector<int> channels;
};
struct OnDemand : OneProcess {
  [[nodiscard]] bool rests() const { return resting; }
  bool resting = false;
};
struct Several {
  void connect(std::uint8_t index, base::Fd channel) { channels.emplace_back(index, channel.get()); }
  [[nodiscard]] std::size_t connected() const { return channels.size(); }
  std::vector<std::pair<int, int>> channels;
};

struct Fixture {
  OneProcess clock;
  OnDemand resolve;
  Several servers;
  core::RoleTable table;

  Fixture() {
    table.add(Role::clock, "clock", clock, core::RoleTable::Replacement::refused);
    table.add(Role::resolve, "resolve", resolve);
    table.add(Role::ke_server, "ntske_server", servers);
  }
};

}  // namespace

TEST_CASE("the roles that there are at the start are connected, and told of in the order of the table") {
  Fixture f;
  const int first = some_descriptor();
  const int second = some_descriptor();
  f.table.begin(Role::ke_server, first, 3);
  f.table.begin(Role::clock, second);
  f.table.begin(Role::resolve, -1);
  CHECK(f.servers.channels == std::vector{std::pair{3, first}});
  CHECK(f.clock.channels == std::vector{second});
  CHECK(f.resolve.channels.empty());
  const auto roles = f.table.report();
  REQUIRE(roles.size() == 2);
  CHECK(roles[0].name == "clock");
  CHECK(roles[0].processes == 1);
  CHECK(roles[1].name == "ntske_server");
}

TEST_CASE("another process of a role is connected and counted") {
  Fixture f;
  f.table.begin(Role::ke_server, some_descriptor());
  CHECK(f.table.replace(Role::ke_server, 1, base::Fd{some_descriptor()}));
  CHECK(f.table.report()[0].processes == 2);
  CHECK(f.table.report()[0].replacements == 1);
}

TEST_CASE("one that comes since there is something to do again replaces none") {
  Fixture f;
  f.table.begin(Role::resolve, some_descriptor());
  f.resolve.resting = true;
  CHECK(f.table.report()[0].rests);
  CHECK(f.table.replace(Role::resolve, 0, base::Fd{some_descriptor()}));
  CHECK(f.table.report()[0].replacements == 0);
  f.resolve.resting = false;
  CHECK(f.table.replace(Role::resolve, 0, base::Fd{some_descriptor()}));
  CHECK(f.table.report()[0].replacements == 1);
}

TEST_CASE("who may not be replaced is not: the channel is closed") {
  Fixture f;
  f.table.begin(Role::clock, some_descriptor());
  const int other = some_descriptor();
  CHECK_FALSE(f.table.replace(Role::clock, 0, base::Fd{other}));
  CHECK(f.clock.channels.size() == 1);
  CHECK(close(other) != 0);
}
