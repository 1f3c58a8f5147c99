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
  PeerPacketPlan plan{.clock = {.leap = base::LeapIndicator::none, .stratum = 2, .precision = -25}, .poll = poll};
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
  const auto authenticated = pair.round(0s);
  REQUIRE(authenticated.exchanged);
  CHECK(authenticated.exchanged->authenticated);
  pair.b.plan.key = key_of(7, 0x66);
  CHECK_FALSE(pair.round(64s).exchanged);
  pair.b.plan.key = nullptr;
  CHECK_FALSE(pair.round(128s).exchanged);
  // Unauthenticated packets are not even answered: what is answered is the last that was authentic.
  pair.b.plan.key = pair.a.plan.key;
  CHECK(pair.round(192s).exchanged);
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
    const auto packet = peer.exchange.next_packet(peer.plan, epoch + at + peer.clock - 1ms, entropy_of(peer.seed));
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

TEST_CASE("after a step of our clock nothing of before is told or measured") {
  Pair pair;
  REQUIRE(pair.round(0s).exchanged);
  const auto before = pair.a.send(64s);
  [[maybe_unused]] const auto heard = pair.b.receive(before, 64s);
  pair.a.exchange.restart();
  CHECK_FALSE(pair.a.receive(pair.b.send(65s), 65s).exchanged);
  CHECK(pair.round(70s).exchanged);
}

}  // namespace gnomon::testing
