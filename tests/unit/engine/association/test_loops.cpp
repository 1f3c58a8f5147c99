// SPDX-License-Identifier: GPL-2.0-or-later
// Sources that are ourselves, or follow us.
#include "daemon/core/engine/association/sampling.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

base::ReferenceId id(std::string_view text) {
  return reference_id_of(address(text));
}

// Stratum 3, with addresses 192.0.2.200, 10.1.1.1 and 2001:db8::5; a server at `server` that follows `whom`
// is asked from `local`.
struct Scene {
  std::string server = "192.0.2.1";
  std::string local = "192.0.2.200";
  std::uint8_t stratum = 4;
  base::ReferenceId whom;
  bool ours = false;
};

struct Outcome {
  Step step;
  AssociationReport report;
};

Outcome ask(const Scene& scene, EngineContext around = {}) {
  around.own.stratum = 3;
  around.own.reference_ids = {id("192.0.2.200"), id("10.1.1.1"), id("2001:db8::5")};
  std::ranges::sort(around.own.reference_ids);
  auto source = plain_source();
  source.name = scene.server;
  Script script(source, around);
  const auto action = script.act(Started{});
  const auto& exchange = std::get<Exchange>(action);
  auto header = good_answer(exchange.request, script.now.real);
  header.stratum = scene.stratum;
  header.reference_id = scene.whom;
  const auto datagram = octets_of(header);
  auto event = script.reply(datagram, exchange);
  event.local = address(scene.local);
  event.ours = scene.ours;
  auto step = script.play(event);
  return {std::move(step), script.report()};
}

Loop loop_of(const Scene& scene, const EngineContext& around = {}) {
  const auto outcome = ask(scene, around);
  CHECK(outcome.step.sample.has_value() == (outcome.report.loop == Loop::none));
  CHECK(((outcome.report.ntp.tests & tests::no_loop) != 0) == (outcome.report.loop == Loop::none));
  CHECK(outcome.report.reach == 1);
  CHECK(outcome.report.awaited_until.has_value() == (outcome.report.loop == Loop::none));
  return outcome.report.loop;
}

}  // namespace

TEST_CASE("a server that follows one of our addresses follows us") {
  CHECK(loop_of({.whom = id("192.0.2.200")}) == Loop::follows_us);
  CHECK(loop_of({.whom = id("2001:db8::5")}) == Loop::follows_us);
  CHECK(loop_of({.whom = id("192.0.2.201")}) == Loop::none);
  // Known by the address our question came from, whatever our stratum is by now.
  CHECK(loop_of({.stratum = 2, .whom = id("192.0.2.200")}) == Loop::follows_us);
  CHECK(loop_of({.stratum = 3, .whom = id("2001:db8::5")}) == Loop::none);
  // There it is the name of a clock.
  CHECK(loop_of({.stratum = 1, .whom = id("192.0.2.200")}) == Loop::none);
}

TEST_CASE("an address that many networks have is ours only to the servers of ours") {
  CHECK(loop_of({.server = "10.1.1.2", .local = "192.0.2.200", .whom = id("10.1.1.1")}) == Loop::follows_us);
  CHECK(loop_of({.whom = id("10.1.1.1")}) == Loop::none);
}

TEST_CASE("loopback is ours only to servers on this machine, and never chrony's pseudo-address") {
  const Scene beside{.server = "127.0.0.3", .local = "127.0.0.1", .stratum = 4, .whom = {}};
  const auto follows = [&beside](std::string_view whom) {
    auto scene = beside;
    scene.whom = id(whom);
    return loop_of(scene);
  };
  CHECK(follows("127.0.0.2") == Loop::follows_us);
  CHECK(follows("127.0.0.1") == Loop::follows_us);
  CHECK(follows("::1") == Loop::follows_us);
  CHECK(follows("127.127.1.1") == Loop::none);
  CHECK(loop_of({.whom = id("127.0.0.1")}) == Loop::none);
  // A chain of daemons on one machine, whose end we are.
  auto chain = beside;
  chain.stratum = 2;
  chain.whom = id("127.0.0.1");
  CHECK(loop_of(chain) == Loop::none);
}

TEST_CASE("who serves nobody, or asks once, is followed by nobody") {
  EngineContext around;
  SECTION("serves nobody") {
    around.own.serves = false;
  }
  SECTION("asks once") {
    around.one_shot = true;
  }
  CHECK(loop_of({.whom = id("192.0.2.200")}, around) == Loop::none);
}

TEST_CASE("our own answer is never followed, and the operator is told once") {
  const auto outcome = ask({.whom = id("127.127.1.1"), .ours = true});
  CHECK(outcome.report.loop == Loop::ourselves);
  CHECK(outcome.report.ntp.tests == (tests::all & ~tests::no_loop));
  CHECK(has_note(outcome.step, NoteKind::source_is_ourselves));
  CHECK(outcome.step.loop_begins);
  CHECK_FALSE(outcome.step.sample);
  CHECK(explain({}, outcome.report).find("is this daemon itself") != std::string::npos);

  Script script(plain_source());
  Step step = script.play(Started{});
  int told = 0;
  for (const bool ours : {false, true, true, true, false, false, true}) {
    const auto exchange = std::get<Exchange>(step.action);
    const auto datagram = octets_of(good_answer(exchange.request, script.now.real));
    auto event = script.reply(datagram, exchange);
    event.ours = ours;
    step = script.play(event);
    CHECK(step.sample.has_value() != ours);
    if (step.loop_begins) ++told;
    step = script.wake(step.action);
  }
  CHECK(told == 2);
}

}  // namespace gnomon::testing
