// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/symmetric_exchange.hpp"
#include "daemon/core/engine/values/packet_tests.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

config::Source peer_source() {
  config::Source source = plain_source();
  source.kind = config::SourceKind::peer;
  return source;
}

// The peer's packet in answer to ours, `ahead` of our clock.
protocol::Header answer_of(const Exchange& sent, base::RealTime now, base::Duration ahead = 0ns) {
  protocol::Header h = good_answer(sent.request, now, ahead);
  h.mode = protocol::Mode::symmetric_active;
  h.poll = 6;
  return h;
}

struct PeerScript : Script {
  using Script::Script;
  // Lets the time until the next packet pass; what is heard then is given in between.
  Step until_next(const Action& action) {
    const auto end = std::holds_alternative<Listen>(action)     ? std::get<Listen>(action).give_up
                     : std::holds_alternative<Exchange>(action) ? std::get<Exchange>(action).give_up
                                                                : std::get<Wait>(action).until;
    pass(end - now.mono);
    return std::holds_alternative<Wait>(action) ? play(Woken{}) : play(Silence{});
  }
};

}  // namespace

TEST_CASE("a peer is spoken with from our server's port, and listened to between packets") {
  PeerScript script(peer_source());
  const auto action = script.act(Started{});
  const auto& exchange = std::get<Exchange>(action);
  CHECK(exchange.port == Port::server);
  CHECK(protocol::parse_header(exchange.request)->mode == protocol::Mode::symmetric_active);
  const auto header = answer_of(exchange, script.now.real, 250ms);
  const auto heard = script.play(script.reply(octets_of(header), exchange));
  REQUIRE(heard.sample);
  CHECK(heard.sample->offset.count() == Approx(0.25).margin(1e-6));
  CHECK(heard.sample->span);
  CHECK(heard.reachability_changed);
  REQUIRE(std::holds_alternative<Listen>(heard.action));
  const auto next = script.until_next(heard.action);
  CHECK(std::get<Exchange>(next.action).port == Port::same);
  CHECK(script.report().reach == 1);
  CHECK(script.report().kind == config::SourceKind::peer);
  CHECK_FALSE(script.report().awaited_until);
}

TEST_CASE("a peer that does not answer is not reached, and is sent to at every poll") {
  PeerScript script(peer_source());
  auto action = script.act(Started{});
  for (int i = 0; i < 3; ++i) {
    const auto before = script.now.mono;
    auto step = script.until_next(action);
    CHECK(base::to_seconds(script.now.mono - before).count() == Approx(64).epsilon(0.03));
    action = std::move(step.action);
    CHECK(std::holds_alternative<Exchange>(action));
  }
  CHECK(script.report().reach == 0);
  CHECK(script.report().ntp.total_tx == 4);
}

TEST_CASE("the shorter of both poll intervals holds, but not below minpoll") {
  auto source = peer_source();
  source.min_poll = {4};
  source.max_poll = {6};
  PeerScript script(source);
  auto action = script.act(Started{});
  for (int i = 0; i < 4; ++i) {
    auto header = answer_of(std::get<Exchange>(action), script.now.real);
    header.poll = 3;
    header.stratum = 1;
    const auto heard = script.play(script.reply(octets_of(header), std::get<Exchange>(action)));
    CHECK(base::to_seconds(std::get<Listen>(heard.action).give_up - script.now.mono).count() ==
          Approx(16).epsilon(0.03));
    action = script.until_next(heard.action).action;
  }
}

TEST_CASE("whose clock is better waits for the other's packet and answers it soon") {
  EngineContext context;
  context.own.stratum = 1;
  PeerScript script(peer_source(), context);
  const auto action = script.act(Started{});
  const auto header = answer_of(std::get<Exchange>(action), script.now.real);
  const auto heard = script.play(script.reply(octets_of(header), std::get<Exchange>(action)));
  CHECK(base::to_seconds(std::get<Listen>(heard.action).give_up - script.now.mono).count() ==
        Approx(70.4).epsilon(0.03));
}

TEST_CASE("a peer that follows us gives no sample, and that is no news") {
  EngineContext context;
  context.own.stratum = 1;
  PeerScript script(peer_source(), context);
  const auto action = script.act(Started{});
  auto header = answer_of(std::get<Exchange>(action), script.now.real);
  header.reference_id = {0xc00002c8};  // 192.0.2.200, where the script hears it
  const auto heard = script.play(script.reply(octets_of(header), std::get<Exchange>(action)));
  CHECK_FALSE(heard.sample);
  CHECK_FALSE(has_note<note::SourceFollowsUs>(heard));
  CHECK(script.report().loop == Loop::follows_us);
}

TEST_CASE("a burst, presend and copy are not for peers") {
  auto source = peer_source();
  source.iburst = source.burst = source.copy = true;
  source.presend = base::PollExponent{6};
  PeerScript script(source);
  const auto action = script.act(Started{});
  const auto& exchange = std::get<Exchange>(action);
  CHECK(exchange.give_up - script.now.mono > 60s);
  CHECK_FALSE(script.association.source().copy);
  const auto burst = script.play(Interrupt{InterruptKind::burst});
  CHECK(std::holds_alternative<Listen>(burst.action));
}

TEST_CASE("commands do not keep a peer from being listened to") {
  PeerScript script(peer_source());
  const auto action = script.act(Started{});
  const auto interrupted = script.play(Interrupt{InterruptKind::advised});
  REQUIRE(std::holds_alternative<Listen>(interrupted.action));
  const auto header = answer_of(std::get<Exchange>(action), script.now.real);
  CHECK(script.play(script.reply(octets_of(header), std::get<Exchange>(action))).sample);
}

TEST_CASE("offline, nothing is sent to a peer nor heard of it") {
  PeerScript script(peer_source());
  const auto action = script.act(Started{});
  const auto offline = script.play(Interrupt{InterruptKind::go_offline});
  CHECK(std::holds_alternative<Wait>(offline.action));
  const auto header = answer_of(std::get<Exchange>(action), script.now.real);
  CHECK_FALSE(script.play(script.reply(octets_of(header), std::get<Exchange>(action))).sample);
}

TEST_CASE("after a change of the network a peer is sent to from a fresh socket") {
  PeerScript script(peer_source());
  auto action = script.act(Started{});
  script.pass(3s);
  auto step = script.play(Interrupt{InterruptKind::network_changed});
  while (!std::holds_alternative<Exchange>(step.action)) step = script.until_next(step.action);
  CHECK(std::get<Exchange>(step.action).port == Port::server);
}

TEST_CASE("a step of our clock makes what a peer answered before worthless") {
  PeerScript script(peer_source());
  const auto action = script.act(Started{});
  const auto header = answer_of(std::get<Exchange>(action), script.now.real);
  [[maybe_unused]] const auto stepped = script.play(Interrupt{InterruptKind::clock_stepped});
  CHECK_FALSE(script.play(script.reply(octets_of(header), std::get<Exchange>(action))).sample);
}

TEST_CASE("a peer whose packet cannot be sent is tried again a poll later") {
  PeerScript script(peer_source());
  [[maybe_unused]] const auto action = script.act(Started{});
  const auto failed = script.play(Silence{.send_failed = true});
  REQUIRE(std::holds_alternative<Wait>(failed.action));
  CHECK(base::to_seconds(script.wait_of(failed.action)).count() == Approx(64).epsilon(0.03));
  CHECK(std::get<Exchange>(script.wake(failed.action).action).port == Port::server);
}

TEST_CASE("in one shot a peer is asked like a server") {
  EngineContext context;
  context.one_shot = true;
  PeerScript script(peer_source(), context);
  const auto action = script.act(Started{});
  CHECK(protocol::parse_header(std::get<Exchange>(action).request)->mode == protocol::Mode::client);
}

}  // namespace gnomon::testing
