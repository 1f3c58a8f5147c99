// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "ipc/role_setup.hpp"
#include "tests/interop/programs/role_program.hpp"

using namespace gnomon;
using base::AddressFamily;
using testing::RoleProgram;

namespace {

RoleProgram start() {
  ipc::ResolveSetup setup;
  setup.identity.user = "nobody";
  return RoleProgram{GNOMON_RESOLVE, ipc::to_arguments(setup)};
}

}  // namespace

TEST_CASE("the resolver finds this machine and keeps to the family asked for") {
  auto resolver = start();
  const auto found = resolver.ask<ipc::Resolved>(ipc::Resolve{"localhost", AddressFamily::ipv4}).addresses;
  CHECK(found == std::vector{*base::parse_address("127.0.0.1")});
  check_confined(resolver);
  const auto any =
      resolver.ask<ipc::Resolved>(ipc::Resolve{"localhost", AddressFamily::unspecified}).addresses;
  CHECK(std::ranges::all_of(any, [](const auto& address) { return address.is_loopback(); }));
}

TEST_CASE("a literal address is its own answer") {
  auto resolver = start();
  const ipc::Resolve request{"2001:db8::5", AddressFamily::unspecified};
  CHECK(resolver.ask<ipc::Resolved>(request).addresses == std::vector{*base::parse_address("2001:db8::5")});
  const auto other_family =
      resolver.ask<ipc::ResolveFailed>(ipc::Resolve{"2001:db8::5", AddressFamily::ipv4});
  CHECK(other_family.error == ipc::ResolveError::not_found);
}

TEST_CASE("the interface of a link-local address is found by its name") {
  auto resolver = start();
  const auto found = resolver.ask<ipc::Resolved>(ipc::Resolve{"fe80::1%lo", AddressFamily::unspecified});
  CHECK(found.addresses == std::vector{*base::parse_address("fe80::1%1")});
}

TEST_CASE(
    "a name that cannot exist is not found, or not now where there is no DNS, and the next one is answered") {
  auto resolver = start();
  const ipc::Resolve request{"no-such-host.invalid", AddressFamily::unspecified};
  CHECK(resolver.ask<ipc::ResolveFailed>(request).error != ipc::ResolveError::failed);
  resolver.ask<ipc::Resolved>(ipc::Resolve{"127.0.0.1", AddressFamily::ipv4});
}

TEST_CASE("the resolver ends with its channel, and at once when it hears something unexpected") {
  auto quiet = start();
  quiet.hang_up();
  CHECK(quiet.end() == base::ExitResult{});
  auto disturbed = start();
  disturbed.say(ipc::encode(ipc::Stop{}, 1));
  CHECK(disturbed.end() == base::ExitResult{false, 1});
}

TEST_CASE("the resolver refuses a word it does not know with status 2") {
  RoleProgram resolver{GNOMON_RESOLVE, {"server=192.0.2.1"}};
  CHECK(resolver.end() == base::ExitResult{false, 2});
}
