// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/symmetric_exchange.hpp"

#include "daemon/core/engine/values/packet_tests.hpp"
#include "protocol/mac/packet_mac.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;
namespace {

constexpr base::RealTime epoch{1'800'000'000s};
constexpr base::PollExponent poll{6};

std::shared_ptr<const protocol::SymmetricKey> key_of(std::uint32_t id, std::uint8_t octet) {
  auto key = std::make_shared<protocol::SymmetricKey>();
  key->id = id;
  const base::Buffer octets(16, octet);
  key->octets = protocol::KeyOctets{octets};
  return key;
}

// Two of them, and the way between: what one sends the other may receive, 10 ms later.
struct Peer {
  SymmetricExchange exchange;
  PeerPacketPlan plan{.clock = {.header = {.stratum = 2, .precision = -25}}, .poll = poll};
  base::Duration clock{};  // ahead of the true time
  std::uint32_t seed = 1;
  std::optional<Stamp> left;

  base::Buffer send(base::Duration at) {
    left = Stamp{epoch + at + clock, StampSource::kernel};
    return exchange.next_packet(plan, left->time, entropy_of(seed));
  }
  PeerReception receive(base::Bytes packet, base::Duration at) {
    return exchange.receive({.datagram = packet,
                             .from = {address("192.0.2.9"), 123},
                             .local = address("192.0.2.1"),
                             .sent = left.value_or(Stamp{}),
                             .received = {epoch + at + clock + 10ms, StampSource::kernel}},
                            poll);
  }
};

struct Pair {
  Peer a{.seed = 3};
  Peer b{.seed = 5};
  // Both send once; the last reception, b's packet by a.
  PeerReception round(base::Duration at) {
    [[maybe_unused]] const auto heard = b.receive(a.send(at), at);
    return a.receive(b.send(at + 2s), at + 2s);
  }
};

double offset_of(const Exchanged& e) {
  const EngineContext context;
  return measure(e, {}, context, {}, {}).sample.offset.count();
}

double delay_of(const Exchanged& e) {
  const EngineContext context;
  return measure(e, {}, context, {}, {}).sample.delay.count();
}

}  // namespace

TEST_CASE("a first packet to a peer answers nothing, and tells our clock and the time of sending") {
  Peer peer;
  const auto header = *protocol::parse_header(peer.send(0s));
  CHECK(header.mode == protocol::Mode::symmetric_active);
  CHECK(header.stratum == 2);
  CHECK(header.poll == 6);
  CHECK(header.origin.is_zero());
  CHECK(header.receive.is_zero());
  CHECK(base::to_seconds(base::from_ntp(header.transmit, epoch) - epoch).count() == Approx(0).margin(2e-8));
  CHECK(header.transmit != protocol::parse_header(peer.send(0s))->transmit);
}

TEST_CASE("a peer is told times as finely as our clock tells them, and never to the last bit") {
  for (const auto& [precision, limit] : {std::pair{std::int8_t{-32}, 2e-9}, {-29, 2e-9}, {-20, 15e-9}}) {
    double furthest = 0;
    Peer peer{.plan = {.clock = {.header = {.precision = precision}}, .poll = poll}};
    for (int i = 0; i < 200; ++i) {
      const auto away = protocol::parse_header(peer.send(0s))->transmit - base::to_ntp(epoch);
      furthest = std::max(furthest, std::fabs(away.seconds().count()));
    }
    CHECK((furthest > 0.8 * limit && furthest < limit));
  }
}

TEST_CASE("each packet of a peer answers our last one, and gives a sample") {
  Pair pair;
  pair.b.clock = 250ms;
  const auto first = pair.round(0s);
  REQUIRE(first.exchanged);
  CHECK(first.check.disposition == Disposition::answer);
  CHECK((first.check.tests & packet_test::fit) == packet_test::fit);
  CHECK(offset_of(*first.exchanged) == Approx(0.25).margin(1e-6));
  CHECK(delay_of(*first.exchanged) == Approx(0.02).margin(1e-6));
  CHECK(pair.a.exchange.answered());
  CHECK(pair.a.exchange.remote_poll() == poll);
  CHECK(pair.a.exchange.remote_stratum() == 2);
  // What b measures took from its packet to a's next one.
  const auto other = pair.b.receive(pair.a.send(64s), 64s);
  REQUIRE(other.exchanged);
  CHECK(offset_of(*other.exchanged) == Approx(-0.25).margin(1e-6));
  CHECK(delay_of(*other.exchanged) == Approx(0.02).margin(1e-6));
  CHECK_FALSE(other.exchanged->missed);
}

TEST_CASE("of several packets between two of ours one gives a sample, and the last one is answered") {
  Pair pair;
  REQUIRE(pair.round(0s).exchanged);
  const auto more = pair.b.send(3s);
  CHECK_FALSE(pair.a.receive(more, 3s).exchanged);
  CHECK(protocol::parse_header(pair.a.send(64s))->origin == protocol::parse_header(more)->transmit);
}

TEST_CASE("packets that answer nothing of ours, as at the start, are answered and give no sample") {
  Pair pair;
  const auto stray = pair.b.send(0s);
  CHECK_FALSE(pair.a.receive(stray, 0s).exchanged);
  const auto answer = *protocol::parse_header(pair.a.send(1s));
  CHECK(answer.origin == protocol::parse_header(stray)->transmit);
  CHECK_FALSE(answer.receive.is_zero());
  CHECK(pair.b.receive(octets_of(answer), 1s).exchanged);
}

TEST_CASE("what an attacker may send to a peer changes nothing that is measured") {
  Pair pair;
  REQUIRE(pair.round(0s).exchanged);
  const auto good = pair.b.send(3s);
  const auto ours = *protocol::parse_header(pair.a.send(64s));
  SECTION("a replayed packet") {
    CHECK_FALSE(pair.a.receive(good, 65s).exchanged);
    CHECK_FALSE(pair.a.receive(good, 66s).exchanged);
  }
  SECTION("our own packet, reflected") {
    CHECK_FALSE(pair.a.receive(octets_of(ours), 65s).exchanged);
  }
  SECTION("a guessed origin") {
    auto guessed = *protocol::parse_header(good);
    guessed.origin = ours.transmit;
    guessed.origin.value ^= 1U;
    CHECK_FALSE(pair.a.receive(octets_of(guessed), 65s).exchanged);
  }
  SECTION("another mode") {
    auto other = *protocol::parse_header(good);
    other.origin = ours.transmit;
    for (const auto mode : {protocol::Mode::client, protocol::Mode::server, protocol::Mode::broadcast}) {
      other.mode = mode;
      CHECK_FALSE(pair.a.receive(octets_of(other), 65s).exchanged);
    }
  }
  SECTION("a crypto-NAK") {
    auto nak = *protocol::parse_header(good);
    nak.origin = ours.transmit;
    auto octets = octets_of(nak);
    octets.resize(octets.size() + 4);
    CHECK_FALSE(pair.a.receive(octets, 65s).exchanged);
  }
  SECTION("half a packet") {
    CHECK_FALSE(pair.a.receive(base::Bytes{good}.first(47), 65s).exchanged);
  }
  // The peer's own packet still counts.
  [[maybe_unused]] const auto heard = pair.b.receive(octets_of(ours), 64s);
  CHECK(pair.a.receive(pair.b.send(70s), 70s).exchanged);
}

TEST_CASE("with a key only packets with its MAC are a peer's") {
  Pair pair;
  pair.a.plan.key = pair.b.plan.key = key_of(7, 0x55);
  [[maybe_unused]] const auto begun = pair.round(-64s);
  const auto authenticated = pair.round(0s);
  REQUIRE(authenticated.exchanged);
  CHECK(authenticated.exchanged->authenticated);
  pair.b.plan.key = key_of(7, 0x66);
  CHECK_FALSE(pair.round(64s).exchanged);
  pair.b.plan.key = nullptr;
  CHECK_FALSE(pair.round(128s).exchanged);
  // Unauthenticated packets are not even answered: what is answered is the last that was authentic.
  pair.b.plan.key = pair.a.plan.key;
  [[maybe_unused]] const auto begun_again = pair.round(192s);
  CHECK(pair.round(256s).exchanged);
}

TEST_CASE("without a key packets with a MAC are not a peer's") {
  Pair pair;
  pair.b.plan.key = key_of(7, 0x55);
  CHECK_FALSE(pair.round(0s).exchanged);
}

TEST_CASE("interleaved mode takes the transmit timestamp of the packet before, exact to the kernel") {
  Pair pair;
  pair.a.plan.interleaved = pair.b.plan.interleaved = true;
  pair.b.clock = 250ms;
  // What the header says of the time of sending is late by 1 ms, as it is where a daemon is busy.
  const auto late = [&](Peer& peer, base::Duration at) {
    const auto packet =
        peer.exchange.next_packet(peer.plan, epoch + at + peer.clock - 1ms, entropy_of(peer.seed));
    peer.left = Stamp{epoch + at + peer.clock, StampSource::kernel};
    return packet;
  };
  PeerReception last;
  for (int i = 0; i < 6; ++i) {
    [[maybe_unused]] const auto heard = pair.b.receive(late(pair.a, i * 64s), i * 64s);
    last = pair.a.receive(late(pair.b, i * 64s + 2s), i * 64s + 2s);
  }
  REQUIRE(last.exchanged);
  CHECK(last.exchanged->interleaved);
  CHECK_FALSE(last.exchanged->missed);
  CHECK(last.check.mode == protocol::AnswerMode::interleaved);
  CHECK(offset_of(*last.exchanged) == Approx(0.25).margin(1e-6));
  CHECK(delay_of(*last.exchanged) == Approx(0.02).margin(1e-6));
}

TEST_CASE("a lost packet leads back to basic mode") {
  Pair pair;
  pair.a.plan.interleaved = pair.b.plan.interleaved = true;
  for (int i = 0; i < 4; ++i) [[maybe_unused]]
    const auto heard = pair.round(i * 64s);
  [[maybe_unused]] const auto lost = pair.b.send(300s);
  const auto after = *protocol::parse_header(pair.b.send(364s));
  CHECK(after.transmit == base::to_ntp(base::from_ntp(after.transmit, epoch)));
  CHECK(base::to_seconds(base::from_ntp(after.transmit, epoch) - epoch).count() == Approx(364).margin(1e-3));
}

TEST_CASE("a peer is told times by what is known now of our clock") {
  Pair pair;
  REQUIRE(pair.round(0s).exchanged);
  // The clock is behind by 7 ms, of which 2 have been slewed away since the peer was heard.
  pair.a.plan.clock.correction = [](base::RealTime reading) -> base::Duration {
    return reading < epoch + 10s ? 7ms : 5ms;
  };
  const auto header = *protocol::parse_header(pair.a.send(64s));
  const auto from = [](base::NtpTimestamp t) {
    return base::to_seconds(base::from_ntp(t, epoch) - epoch).count();
  };
  CHECK(from(header.transmit) == Approx(64.005).margin(1e-7));
  CHECK(from(header.receive) == Approx(2.017).margin(1e-7));
}

TEST_CASE("after a step of our clock nothing of before is told or measured") {
  Pair pair;
  REQUIRE(pair.round(0s).exchanged);
  const auto before = pair.a.send(64s);
  [[maybe_unused]] const auto heard = pair.b.receive(before, 64s);
  pair.a.exchange.restart();
  CHECK_FALSE(pair.a.receive(pair.b.send(65s), 65s).exchanged);
  CHECK(pair.round(70s).exchanged);
}

// --- the same, as an association plays it

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

TEST_CASE("what is measured of a peer is told as if our clock had run evenly, and kept as it was") {
  PeerScript script(peer_source());
  const auto began = script.now.real;
  // Slewed by 100 ms in the 30 s that the peer took.
  script.association.describe_us({.correction = [&](base::RealTime reading) -> base::Duration {
    return reading < began + 1s ? 100ms : 0ms;
  }});
  const auto action = script.act(Started{});
  const auto& exchange = std::get<Exchange>(action);
  auto header = answer_of(exchange, script.now.real, 100ms);
  auto event = script.reply({}, exchange, 30s);
  header.transmit = base::to_ntp(event.received.time - 5ms);
  const auto octets = octets_of(header);
  event.datagram = octets;
  const auto heard = script.play(event);
  REQUIRE(heard.record);
  CHECK(heard.record->delay.count() == Approx(0.01).margin(1e-6));
  CHECK(heard.record->offset.count() == Approx(0).margin(1e-6));
  REQUIRE(heard.sample);
  CHECK(heard.sample->time == began + 15s);
  CHECK(heard.sample->offset.count() == Approx(0.05).margin(1e-6));
  CHECK(heard.sample->span->sent == began);
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

TEST_CASE("peers tell each other their even scale, in both modes") {
  for (const bool interleaved : {false, true}) {
    CAPTURE(interleaved);
    Pair pair;
    for (auto* peer : {&pair.a, &pair.b}) {
      peer->plan.wished.monotonic.emplace();
      peer->plan.interleaved = interleaved;
      peer->plan.clock.monotonic = {.root_delay = base::Seconds{1e-6}, .epoch = 9};
    }
    static_cast<void>(pair.round(0s));
    static_cast<void>(pair.round(64s));
    const auto before = pair.round(128s);
    REQUIRE(before.check.extensions.monotonic);
    CHECK(before.check.extensions.monotonic->epoch == 9);
    CHECK(before.exchanged->root_delay().count() == Approx(1e-6).epsilon(0.01));
    // b sets its clock on by a quarter of a second.
    pair.b.plan.clock.correction = [](base::RealTime) { return base::Duration{250ms}; };
    pair.b.plan.clock.uncorrected = -250ms;
    const auto after = pair.round(192s);
    const auto moved = moved_between({before.check.header.receive, before.check.extensions.monotonic},
                                     {after.check.header.receive, after.check.extensions.monotonic});
    REQUIRE(moved);
    CHECK(moved->count() == Approx(0.25).margin(1e-7));
    if (!after.exchanged->missed) CHECK(offset_of(*after.exchanged) == Approx(0.25).margin(0.01));
  }
}

TEST_CASE("our own packet from our own address is an echo, from elsewhere it is nothing") {
  Peer peer;
  const auto packet = peer.send(0s);
  Received event{.datagram = packet,
                 .from = {address("192.0.2.1"), 123},
                 .local = address("192.0.2.1"),
                 .sent = *peer.left,
                 .received = {epoch + 1ms, StampSource::kernel}};
  CHECK(peer.exchange.receive(event, poll).echo);
  event.from.address = address("192.0.2.9");
  const auto reflected = peer.exchange.receive(event, poll);
  CHECK_FALSE(reflected.echo);
  CHECK_FALSE(reflected.exchanged);
}

TEST_CASE("who does not ask its peer for the even scale does not hear it") {
  Pair pair;
  pair.b.plan.wished.monotonic.emplace();
  static_cast<void>(pair.round(0s));
  CHECK_FALSE(pair.round(64s).check.extensions.monotonic);
}

}  // namespace gnomon::testing
