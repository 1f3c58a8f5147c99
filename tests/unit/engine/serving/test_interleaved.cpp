// SPDX-License-Identifier: GPL-2.0-or-later
// Interleaved mode between a real association and the real responder, and the options that belong to it.
#include "daemon/core/engine/association/sampling.hpp"
#include "daemon/core/engine/serving/responder.hpp"
#include "protocol/ntp/interleaved.hpp"
#include "tests/sim/play.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

config::Source interleaved_source() {
  config::Source source;
  source.name = "192.0.2.1";
  source.interleaved = true;
  return source;
}

// Answers by the book 2 ms after an arrival that is 5 ms after the sending, and believes itself to do so in 1
// ms.
struct Server {
  Server() {
    snapshot.access = base::AccessTable({{true, {}, true}});
    snapshot.view.stratum = 2;
    snapshot.view.precision = -20;
    snapshot.view.reference_id = {0x0a000001};
    snapshot.view.leap = base::LeapIndicator::none;
    snapshot.view.root_delay = snapshot.view.root_dispersion = base::Seconds{0.001};
    base::Buffer entropy(128, 5);
    snapshot.sealer = std::make_shared<protocol::CookieSealer>(protocol::make_key_set(entropy));
  }
  base::Buffer answer(base::Bytes request, base::RealTime sent) {
    const auto arrival = sent + 5ms + ahead;
    snapshot.view.dispersion_time = arrival;
    snapshot.view.reference_time = arrival - 1s;
    base::Buffer out(request.size());
    AnswerEntropy entropy{};
    for (auto& octet : entropy) octet = ++nonces;
    const Request asked{request, address("192.0.2.200"), arrival, arrival + 1ms, {}};
    last = respond(snapshot, {.answers = remembers ? &memory : nullptr}, asked, entropy, out);
    if (last.interleaved) memory.departed(*last.interleaved, base::to_ntp(arrival + 2ms));
    out.resize(last.size);
    return out;
  }

  ServerSnapshot snapshot;
  TransmitMemory memory{64};
  bool remembers = true;
  base::Duration ahead{};
  std::uint8_t nonces = 0;
  Answer last;
};

// The round trip is 12 ms: 5 there, 2 at the server, 5 back.
Step exchange(Script& script, Server& server, const Action& action) {
  const auto& asked = std::get<Exchange>(action);
  const auto datagram = server.answer(asked.request, script.now.real);
  return script.play(script.reply(datagram, asked, 12ms));
}

protocol::Header header_of(const Action& action) {
  return *protocol::parse_header(std::get<Exchange>(action).request);
}

// Until the association has had an interleaved answer whose departure the kernel told.
Step settled(Script& script, Server& server) {
  Step step = script.play(Started{});
  for (int i = 0; i < 4; ++i) {
    step = exchange(script, server, step.action);
    step = script.wake(step.action);
  }
  return step;
}

}  // namespace

TEST_CASE("the first request is basic, the next names the server's last receive timestamp") {
  Script script(interleaved_source());
  Server server;
  Step step = script.play(Started{});
  CHECK(header_of(step.action).origin.is_zero());
  CHECK(header_of(step.action).receive.is_zero());
  const auto arrival = base::to_ntp(script.now.real + 5ms);
  step = script.wake(exchange(script, server, step.action).action);
  const auto second = header_of(step.action);
  CHECK(second.origin == arrival);
  CHECK(second.receive != second.transmit);
  CHECK(protocol::may_interleave(second));
  // Neither tells our clock: both are as far from it as random numbers are.
  CHECK(std::abs((second.receive - base::to_ntp(script.now.real)).value >> 32) > 86400);
  CHECK(std::abs((second.transmit - base::to_ntp(script.now.real)).value >> 32) > 86400);
}

TEST_CASE("the third answer is the first interleaved one") {
  Script script(interleaved_source());
  Server server;
  Step step = script.play(Started{});
  for (const bool interleaved : {false, false, true, true}) {
    step = exchange(script, server, step.action);
    CHECK(script.report().ntp.interleaved == interleaved);
    CHECK(server.last.interleaved.has_value() == interleaved);
    step = script.wake(step.action);
  }
}

TEST_CASE("an interleaved answer measures the exchange before it, with the time its answer really left at") {
  Script script(interleaved_source());
  Server server;
  server.ahead = 250ms;
  Step step = settled(script, server);
  const auto before = script.now;
  step = script.wake(exchange(script, server, step.action).action);
  step = exchange(script, server, step.action);
  REQUIRE(step.sample);
  CHECK(step.sample->time == before.real + 6ms);
  CHECK(step.sample->mono == before.mono + 12ms);
  CHECK(step.sample->offset.count() == Approx(0.25).margin(1e-8));
  CHECK(step.sample->delay.count() == Approx(0.010).margin(1e-8));  // basic: 11 ms, half a millisecond off
  CHECK(script.report().ntp.response_time.count() == Approx(0.002).margin(1e-8));
}

TEST_CASE("an exchange gives one sample, not two") {
  Script script(interleaved_source());
  Server server;
  Step step = script.play(Started{});
  std::string samples;
  for (int i = 0; i < 5; ++i) {
    step = exchange(script, server, step.action);
    samples += step.sample ? 'x' : '-';
    step = script.wake(step.action);
  }
  CHECK(samples == "xx-xx");
  CHECK(script.report().reach == 31);
}

TEST_CASE("a server that does not interleave is measured as ever") {
  Script script(interleaved_source());
  Server server;
  server.remembers = false;
  Step step = script.play(Started{});
  for (int i = 0; i < 4; ++i) {
    const auto sent = script.now.real;
    step = exchange(script, server, step.action);
    REQUIRE(step.sample);
    CHECK(step.sample->time == sent + 6ms);
    CHECK_FALSE(script.report().ntp.interleaved);
    step = script.wake(step.action);
  }
}

TEST_CASE("after an exchange without an answer the next request is basic again") {
  Script script(interleaved_source());
  Server server;
  Step step = settled(script, server);
  REQUIRE_FALSE(header_of(step.action).origin.is_zero());
  script.pass(std::get<Exchange>(step.action).give_up - script.now.mono);
  step = script.wake(script.act(Silence{}));
  CHECK(header_of(step.action).origin.is_zero());
  const auto sent = script.now.real;
  step = exchange(script, server, step.action);
  REQUIRE(step.sample);
  CHECK(step.sample->time == sent + 6ms);
}

TEST_CASE("neither a stepped clock nor another network sees what was before") {
  for (const auto kind :
       {InterruptKind::clock_stepped, InterruptKind::network_changed, InterruptKind::go_offline}) {
    Script script(interleaved_source());
    Server server;
    Step step = settled(script, server);
    step = script.play(Interrupt{kind});
    if (kind == InterruptKind::go_offline) step = script.play(Interrupt{InterruptKind::go_online});
    if (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
    CHECK(header_of(step.action).origin.is_zero());
  }
}

TEST_CASE("another address of the name is asked as a stranger") {
  auto source = interleaved_source();
  source.name = "ntp.example";
  EngineContext context;
  context.name_refresh = base::Seconds{200};
  Script script(source, context);
  Server server;
  CHECK(std::holds_alternative<Resolve>(script.act(Started{})));
  Step step = script.play(Resolved{{address("192.0.2.1")}});
  for (int i = 0; std::holds_alternative<Exchange>(step.action) && i < 10; ++i) {
    CHECK(header_of(step.action).origin.is_zero() == (i == 0));
    step = script.wake(exchange(script, server, step.action).action);
  }
  REQUIRE(std::holds_alternative<Resolve>(step.action));
  step = script.play(Resolved{{address("192.0.2.7")}});
  if (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
  CHECK(std::get<Exchange>(step.action).to.address == address("192.0.2.7"));
  CHECK(header_of(step.action).origin.is_zero());
}

TEST_CASE("a clock stepped between the two halves spoils no sample") {
  Script script(interleaved_source());
  Server server;
  Step step = settled(script, server);
  step = exchange(script, server, step.action);
  script.now.real += 100s;
  server.ahead -= 100s;  // the server's clock has not moved, ours has
  step = script.wake(script.act(Interrupt{InterruptKind::clock_stepped}));
  step = exchange(script, server, step.action);
  REQUIRE(step.sample);
  CHECK(step.sample->offset.count() == Approx(-100).margin(0.001));
}

TEST_CASE(
    "an interleaved answer that left before its request came is as good as the server's clocks may be") {
  for (const auto& [early, good] :
       {std::pair{base::Duration{900us}, true}, std::pair{base::Duration{1100us}, false}}) {
    Script script(interleaved_source());
    Server server;
    Step step = settled(script, server);
    auto header =
        *protocol::parse_header(server.answer(std::get<Exchange>(step.action).request, script.now.real));
    REQUIRE(server.last.interleaved);
    const auto request_came = base::from_ntp(header_of(step.action).origin, script.now.real);
    header.transmit = base::to_ntp(request_came - early);
    const auto datagram = octets_of(header);
    step = script.play(script.reply(datagram, std::get<Exchange>(step.action), 12ms));
    CHECK(step.sample.has_value() == good);
    CHECK(((script.report().ntp.tests & packet_test::timestamps) != 0) == good);
    // After nonsense everything begins from the start.
    CHECK(header_of(script.wake(step.action).action).origin.is_zero() != good);
  }
}

TEST_CASE("a server that set its clock since still counts as synchronised") {
  Script script(interleaved_source());
  Server server;
  Step step = settled(script, server);
  const auto& asked = std::get<Exchange>(step.action);
  auto header = *protocol::parse_header(server.answer(asked.request, script.now.real));
  header.reference = header.receive;  // long after the answer before
  const auto datagram = octets_of(header);
  CHECK(script.play(script.reply(datagram, asked, 12ms)).sample);
  CHECK(script.report().ntp.tests == packet_test::all);
}

TEST_CASE("who asks once asks in basic mode") {
  EngineContext context;
  context.one_shot = true;
  Script script(interleaved_source(), context);
  Server server;
  Step step = script.play(Started{});
  for (int i = 0; i < 3; ++i) {
    CHECK(header_of(step.action).origin.is_zero());
    step = script.wake(exchange(script, server, step.action).action);
  }
}

TEST_CASE("interleaved mode works under NTS") {
  auto source = interleaved_source();
  source.nts = true;
  Script script(source);
  Server server;
  CHECK(std::holds_alternative<Establish>(script.act(Started{})));
  protocol::NtsSession session;
  const base::Buffer c2s(32, 3);
  const base::Buffer s2c(32, 4);
  session.keys = {protocol::AeadId::aes_siv_cmac_256, base::Secret(c2s), base::Secret(s2c)};
  for (std::uint8_t i = 0; i < 8; ++i) {
    base::Buffer cookie(server.snapshot.sealer->cookie_size(session.keys.aead));
    REQUIRE(server.snapshot.sealer->seal(session.keys, {i}, cookie));
    session.cookies.push_back(cookie);
  }
  Step step = script.play(Established{std::move(session)});
  for (const bool interleaved : {false, false, true, true}) {
    step = exchange(script, server, step.action);
    CHECK(server.last.outcome == Outcome::authenticated);
    CHECK(script.report().ntp.interleaved == interleaved);
    CHECK(script.report().ntp.authenticated);
    step = script.wake(step.action);
  }
  // A NAK answers an interleaved request, too.
  server.snapshot.sealer =
      std::make_shared<protocol::CookieSealer>(protocol::make_key_set(base::Buffer(128, 6)));
  step = exchange(script, server, step.action);
  CHECK(server.last.outcome == Outcome::nak);
  CHECK(has_note<note::NtsNak>(step));
}

TEST_CASE("presend: a packet two seconds ahead of the one that counts, from that poll on") {
  config::Source source;
  source.name = "192.0.2.1";
  source.presend = {6};
  Script script(source);
  Server server;
  Step step = script.play(Started{});
  CHECK(std::get<Exchange>(step.action).give_up == script.now.mono + 2s);
  step = exchange(script, server, step.action);
  CHECK_FALSE(step.sample);
  CHECK(script.wait_of(step.action) == 2s - 12ms);
  step = script.wake(step.action);
  const auto sent = script.now.mono;
  step = exchange(script, server, step.action);
  CHECK(step.sample);
  CHECK(script.report().reach == 1);
  CHECK(script.wait_of(step.action) > 60s);
  // An answer to it is not needed.
  step = script.wake(step.action);
  CHECK(script.now.mono - sent > 60s);
  script.pass(2s);
  step = script.play(Silence{});
  if (std::holds_alternative<Wait>(step.action)) step = script.wake(step.action);
  CHECK(script.report().reach == 1);
  CHECK(exchange(script, server, step.action).sample);
  CHECK(script.report().reach == 3);
  source.presend = {7};
  Script rarely(source);
  CHECK(exchange(rarely, server, rarely.act(Started{})).sample);
}

TEST_CASE("presend with xleave: two packets ahead, and the sample is of two seconds ago") {
  auto source = interleaved_source();
  source.presend = {6};
  Script script(source);
  Server server;
  Step step = script.play(Started{});
  for (int poll = 0; poll < 3; ++poll) {
    for (int ahead = 0; ahead < 2; ++ahead) {
      step = exchange(script, server, step.action);
      CHECK_FALSE(step.sample);
      step = script.wake(step.action);
    }
    const auto now = script.now.real;
    step = exchange(script, server, step.action);
    REQUIRE(step.sample);
    CHECK(script.report().ntp.interleaved);
    CHECK(step.sample->time == now - 2s + 6ms);
    step = script.wake(step.action);
  }
}

TEST_CASE("the simulated association of the xleave scenario really interleaves") {
  for (const auto& scenario : simulation::scenarios()) {
    if (scenario.name != "xleave" && scenario.name != "lan") continue;
    const auto result = simulation::play(scenario, simulation::Polling::by_default, 1);
    CHECK(result.interleaved == (scenario.name == "lan" ? 0 : result.packets - 1));
  }
}

}  // namespace gnomon::testing
