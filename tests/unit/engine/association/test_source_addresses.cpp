// SPDX-License-Identifier: GPL-2.0-or-later
// A source whose name has several addresses, and a network that goes and comes back.
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

config::Source named() {
  config::Source source;
  source.name = "ntp.example";
  source.iburst = true;
  return source;
}

const std::vector<base::IpAddress> mixed{address("2001:db8::1"), address("2001:db8::2"),
                                         address("192.0.2.1")};

base::IpAddress asked(const Action& action) {
  return std::get<Exchange>(action).to.address;
}

// Lets exchanges go unanswered until something else is to be done.
Action silent(Script& script, Action action, int& exchanges) {
  for (exchanges = 0; std::holds_alternative<Exchange>(action); ++exchanges) {
    script.pass(std::get<Exchange>(action).give_up - script.now.mono);
    action = script.act(Silence{});
    if (std::holds_alternative<Wait>(action)) action = script.wake(action).action;
  }
  return action;
}

}  // namespace

TEST_CASE("an address that does not answer gives way to the other family, at once") {
  for (const bool burst : {true, false}) {
    auto source = named();
    source.iburst = burst;
    Script script(source);
    script.play(Started{});
    auto action = script.act(Resolved{mixed});
    CHECK(asked(action) == mixed[0]);
    const auto before = script.now.mono;
    int exchanges = 0;
    action = silent(script, action, exchanges);
    CHECK(exchanges == 1);
    CHECK(script.now.mono - before <= 2s);
    REQUIRE(std::holds_alternative<Resolve>(action));
    action = script.act(Resolved{mixed});
    CHECK(asked(action) == mixed[2]);
    CHECK(answer(script, action).sample);
  }
}

TEST_CASE(
    "every address is tried, three times as requests may be lost, then the name is looked up without haste") {
  Script script(named());
  script.play(Started{});
  auto action = script.act(Resolved{mixed});
  const auto before = script.now.mono;
  int exchanges = 0;
  std::vector<base::IpAddress> tried{asked(action)};
  while (tried.size() < 9) {
    CHECK(script.report().awaited_until.has_value() == (tried.size() == 1));  // others start without it
    action = silent(script, action, exchanges);
    REQUIRE(exchanges == 1);
    action = script.act(Resolved{mixed});
    tried.push_back(asked(action));
  }
  CHECK(std::vector(tried.begin(), tried.begin() + 3) == std::vector{mixed[0], mixed[2], mixed[1]});
  for (const auto& each : mixed) CHECK(std::ranges::count(tried, each) == 3);
  CHECK(script.now.mono - before < 20s);
  silent(script, action, exchanges);
  CHECK(exchanges >= 8);
}

TEST_CASE("the one live address of four is found within 15 s, though its first answer be lost") {
  for (const int lost : {0, 1}) {
    auto source = named();
    source.iburst = false;
    Script script(source);
    script.play(Started{});
    const std::vector<base::IpAddress> four{address("192.0.2.1"), address("192.0.2.2"), address("192.0.2.3"),
                                            address("192.0.2.4")};
    auto action = script.act(Resolved{four});
    const auto before = script.now.mono;
    int exchanges = 0;
    int reached = 0;
    while (asked(action) != four[3] || ++reached <= lost) {
      action = silent(script, action, exchanges);
      REQUIRE(std::holds_alternative<Resolve>(action));
      action = script.act(Resolved{four});
    }
    CHECK(answer(script, action).sample);
    CHECK(script.now.mono - before < 15s);
  }
}

TEST_CASE("addresses without a way to them cost one try each and no more") {
  Script script(named());
  script.play(Started{});
  auto action = script.act(Resolved{mixed});
  std::vector<base::IpAddress> tried{asked(action)};
  int exchanges = 0;
  for (int i = 0; i < 5; ++i) {
    action = asked(action).family == base::AddressFamily::ipv6 ? script.act(Silence{.send_failed = true})
                                                               : silent(script, action, exchanges);
    if (exchanges > 1) break;
    REQUIRE(std::holds_alternative<Resolve>(action));
    action = script.act(Resolved{mixed});
    tried.push_back(asked(action));
  }
  CHECK(exchanges > 1);
  CHECK(std::ranges::count(tried, mixed[0]) == 1);
  CHECK(std::ranges::count(tried, mixed[1]) <= 1);
}

TEST_CASE("a member of a pool that nobody answers at is replaced at once by one that was not tried") {
  auto source = named();
  source.kind = config::SourceKind::pool;
  const std::vector<base::IpAddress> all{address("192.0.2.1"), address("192.0.2.2"), address("192.0.2.3")};
  Script script(source, {}, all[0]);
  auto action = script.act(Started{});
  CHECK(asked(action) == all[0]);
  const auto before = script.now.mono;
  int exchanges = 0;
  std::vector<base::IpAddress> tried{asked(action)};
  for (int i = 0; i < 2; ++i) {
    action = silent(script, action, exchanges);
    REQUIRE(std::holds_alternative<Resolve>(action));
    action = script.act(Resolved{all});
    tried.push_back(asked(action));
  }
  std::ranges::sort(tried);
  CHECK(tried == all);
  CHECK(script.now.mono - before < 5s);
}

TEST_CASE(
    "an address that is found wrong is replaced by another one of the name, one that stands alone is not") {
  for (const bool alone : {false, true}) {
    const auto all = alone ? std::vector{mixed[0]} : mixed;
    Script script(named());
    script.play(Started{});
    auto action = script.act(Resolved{all});
    const auto wrong = asked(action);
    action = answer(script, action).action;
    script.pass(60s);
    action = script.act(Interrupt{InterruptKind::replace});
    REQUIRE(std::holds_alternative<Resolve>(action));
    const auto step = script.play(Resolved{all});
    CHECK((script.association.address() == wrong) == alone);
    CHECK(std::ranges::any_of(step.notes, is_about<note::SourceAddressChanged>) != alone);
  }
}

TEST_CASE("a server in the place of another begins with nothing said") {
  Script script(named());
  script.play(Started{});
  auto action = script.act(Resolved{{mixed[0]}});
  action = answer(script, action).action;
  CHECK(script.report().reach == 1);
  CHECK(script.report().ntp.any);
  action = script.act(Interrupt{InterruptKind::refresh});
  REQUIRE(std::holds_alternative<Resolve>(action));
  script.play(Resolved{{mixed[2]}});
  CHECK(script.association.address() == mixed[2]);
  CHECK(script.report().reach == 0);
  CHECK_FALSE(script.report().ntp.any);
  CHECK_FALSE(script.report().last_rx);
}

TEST_CASE("an address that nothing can be sent to is left at the first failure, without iburst too") {
  auto source = named();
  source.iburst = false;
  source.auto_offline = true;
  Script script(source);
  script.play(Started{});
  script.play(Resolved{mixed});
  auto step = script.play(Silence{.send_failed = true});
  REQUIRE(std::holds_alternative<Resolve>(step.action));
  step = script.play(Resolved{mixed});
  CHECK(asked(step.action) == mixed[2]);
}

TEST_CASE("one address alone, or one that has answered before, is not left so quickly") {
  Script script(named());
  script.play(Started{});
  SECTION("alone") {
    auto action = script.act(Resolved{{mixed[0]}});
    int exchanges = 0;
    silent(script, action, exchanges);
    CHECK(exchanges >= 8);
  }
  SECTION("has answered") {
    auto action = script.wake(answer(script, script.act(Resolved{mixed})).action).action;
    int exchanges = 0;
    silent(script, action, exchanges);
    CHECK(exchanges >= 8);
  }
}

TEST_CASE("auto_offline ends when the network changes, offline on command does not") {
  config::Source source;
  source.name = "192.0.2.1";
  source.auto_offline = true;
  Script script(source);
  script.play(Started{});
  auto step = script.play(Silence{.send_failed = true});
  CHECK(has_note<note::SourceOffline>(step));
  CHECK(script.report().activity == Activity::offline);
  SECTION("the network comes back") {
    step = script.play(Interrupt{InterruptKind::network_changed});
    CHECK(has_note<note::SourceOnline>(step));
    CHECK(script.wait_of(step.action) <= 1s);
  }
  SECTION("meanwhile it was commanded") {
    script.play(Interrupt{InterruptKind::go_offline});
    step = script.play(Interrupt{InterruptKind::network_changed});
    CHECK(script.report().activity == Activity::offline);
  }
}

TEST_CASE("a changed network does not begin the burst of a source that is off line") {
  auto source = named();
  source.offline = true;
  Script script(source);
  script.play(Started{});
  CHECK(std::holds_alternative<Wait>(script.act(Interrupt{InterruptKind::network_changed})));
}

TEST_CASE("a changed network hastens a source that answers no more than minpoll allows") {
  config::Source source;
  source.name = "192.0.2.1";
  Script script(source);
  auto action = answer(script, script.act(Started{})).action;
  script.pass(10s);
  action = script.act(Interrupt{InterruptKind::network_changed});
  CHECK(script.wait_of(action) > 50s);
}

TEST_CASE("a changed network does not begin a burst again that is under way") {
  auto source = named();
  Script script(source);
  script.play(Started{});
  auto action = script.act(Resolved{{mixed[0]}});
  int exchanges = 0;
  for (; exchanges < 20 && std::holds_alternative<Exchange>(action); ++exchanges) {
    action = script.act(Silence{});
    if (script.report().activity != Activity::burst_online) break;
    action = script.wake(script.act(Interrupt{InterruptKind::network_changed})).action;
  }
  CHECK(exchanges == 7);
}

TEST_CASE("what could not be sent without a network is no part of the burst after it") {
  auto source = named();
  Script script(source);
  script.play(Started{});
  auto action = script.act(Resolved{{mixed[0]}});
  for (int i = 0; i < 6; ++i) action = script.wake(script.act(Silence{.send_failed = true})).action;
  action = script.act(Silence{.send_failed = true});
  action = script.wake(script.act(Interrupt{InterruptKind::network_changed})).action;
  for (int good = 1; good < 4; ++good) {
    action = script.wake(answer(script, action).action).action;
    CHECK(script.report().activity == Activity::burst_online);
  }
}

}  // namespace gnomon::testing
