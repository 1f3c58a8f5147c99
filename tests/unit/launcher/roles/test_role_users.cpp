// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include "daemon/launcher/roles/role_users.hpp"
#include "tests/unit/catch.hpp"

using namespace gnomon::launcher;

namespace {

constexpr std::array helpers{Program::clock, Program::resolve, Program::ke_client, Program::ke_server};

}  // namespace

TEST_CASE("every helper has a number of its own, which no account has") {
  const RoleUsers users{last_free_id - 1, [](std::uint32_t id) { return id == last_free_id; }};
  std::set<std::string> names;
  for (const auto program : helpers) names.insert(users.of(program, "_gnomon"));
  CHECK(names == std::set<std::string>{"#60706", "#60707", "#60708", "#61182"});
  CHECK(users.of(Program::core, "_gnomon") == "_gnomon");
}

TEST_CASE("where there are no numbers to be had, all roles are the core's user") {
  const RoleUsers full{first_free_id, [](std::uint32_t) { return true; }};
  for (const auto& users : {RoleUsers{}, full})
    for (const auto program : helpers) CHECK(users.of(program, "_gnomon") == "_gnomon");
}
