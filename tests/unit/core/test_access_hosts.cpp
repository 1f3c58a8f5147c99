// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/access_hosts.hpp"

#include "tests/unit/core/sources/context.hpp"

using namespace gnomon;
using testing::FarEnd;
using testing::Loop;
using testing::read_as;

namespace {

using Addresses = std::vector<base::IpAddress>;
const auto first = *base::parse_address("192.0.2.7");
const auto second = *base::parse_address("2001:db8::7");

struct Fixture {
  Loop loop;
  testing::RememberingLog log;
  FarEnd resolver_role;
  core::ResolveClient resolver{loop.tasks, {}};
  core::AccessHosts hosts{loop.tasks, resolver, log, base::AddressFamily::ipv4};
  std::vector<std::pair<std::string, Addresses>> found;

  Fixture() {
    resolver.connect(resolver_role.take_near());
    loop.run_ready();
  }
  ~Fixture() { loop.drain(); }
  void find(const std::vector<base::AccessRule>& rules) {
    hosts.find(rules, [this](const std::string& host, const Addresses& addresses) {
      found.emplace_back(host, addresses);
    });
    loop.run_ready();
  }
  template <class Answer>
  ipc::Resolve answer(const Answer& answer) {
    loop.run_ready();
    auto asked = read_as<ipc::Resolve>(resolver_role.receive());
    resolver_role.send(answer, asked.id);
    loop.run_ready();
    return asked.message;
  }
};

base::AccessRule of_host(bool allow, const char* host) {
  return {.allow = allow, .subnet = {}, .host = host};
}

}  // namespace

TEST_CASE("each host among the rules is looked up once, in the family that is used") {
  Fixture f;
  f.find({of_host(true, "client.example"), {.allow = true, .subnet = {}}, of_host(true, "client.example")});
  const auto asked = f.answer(ipc::Resolved{.addresses = {first, second}});
  CHECK(asked.name == "client.example");
  CHECK(asked.family == base::AddressFamily::ipv4);
  CHECK(f.found == std::vector{std::pair{std::string{"client.example"}, Addresses{first, second}}});
  CHECK(f.log.says("Allowed is client.example: 192.0.2.7, 2001:db8::7"));
  f.hosts.hasten();
  f.loop.advance(std::chrono::hours{1});
  CHECK(f.found.size() == 1);
}

TEST_CASE("a host that does not resolve is looked up again, after a pause or when names may resolve now") {
  Fixture f;
  f.find({of_host(true, "client.example")});
  f.answer(ipc::ResolveFailed{ipc::ResolveError::try_again});
  CHECK(f.log.says("Could not resolve client.example, which is allowed"));
  CHECK(f.log.says("it is not served until it resolves; next try in 2 s"));
  f.loop.advance(std::chrono::seconds{2});
  f.answer(ipc::ResolveFailed{ipc::ResolveError::not_found});
  CHECK(f.log.says("next try in 4 s"));
  f.hosts.hasten();
  f.answer(ipc::Resolved{.addresses = {first}});
  CHECK(f.found.size() == 1);
}

TEST_CASE("that nobody is served while a host of deny is unknown is said") {
  Fixture f;
  f.find({of_host(true, "both.example"), of_host(false, "both.example")});
  f.answer(ipc::ResolveFailed{ipc::ResolveError::not_found});
  CHECK(f.log.says("which is denied"));
  CHECK(f.log.says("nobody is served until it resolves"));
}
