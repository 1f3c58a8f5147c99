// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/client_request.hpp"
#include "daemon/core/engine/association/sampling.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

Step answer_with(Script& script, const Action& action, const protocol::Header& header) {
  return script.play(script.reply(octets_of(header), std::get<Exchange>(action)));
}

protocol::Header kiss(const Action& action, base::ReferenceId code) {
  protocol::Header h = *protocol::parse_header(std::get<Exchange>(action).request);
  h.origin = h.transmit;
  h.mode = protocol::Mode::server;
  h.leap = base::LeapIndicator::unsynchronised;
  h.reference_id = code;
  return h;
}

// What an unwilling server sends, and nothing else.
Step kiss_and_silence(Script& script, const Action& asked, base::ReferenceId code) {
  const auto kissed = answer_with(script, asked, kiss(asked, code));
  CHECK(has_note<note::KissReceived>(kissed));
  REQUIRE(std::holds_alternative<Listen>(kissed.action));
  return script.play(Silence{});
}

}  // namespace

TEST_CASE("a source with a literal address is asked at once") {
  Script script(plain_source());
  const auto action = script.act(Started{});
  REQUIRE(std::holds_alternative<Exchange>(action));
  const auto& exchange = std::get<Exchange>(action);
  CHECK(exchange.to == base::Endpoint{address("192.0.2.1"), 123});
  CHECK(exchange.give_up == script.now.mono + 16s);
  CHECK(to_string(action) == "exchange with 192.0.2.1:123, 48 octets");
}

TEST_CASE("a request tells nothing but version, mode and poll") {
  Script script(plain_source());
  const auto request = std::get<Exchange>(script.act(Started{})).request;
  auto header = *protocol::parse_header(request);
  CHECK_FALSE(header.transmit.is_zero());
  header.transmit = {};
  protocol::Header expected;
  expected.poll = 6;
  CHECK(header == expected);
}

TEST_CASE("the transmit timestamp differs from request to request") {
  Script script(plain_source());
  const auto first = std::get<Exchange>(script.act(Started{})).request;
  const auto second = std::get<Exchange>(script.wake(script.act(Silence{})).action).request;
  CHECK(first != second);
}

TEST_CASE("an answer becomes a sample of offset, delay and dispersion") {
  Script script(plain_source());
  const auto action = script.act(Started{});
  const Step step = answer(script, action, 250ms);
  REQUIRE(step.sample);
  CHECK(step.sample->offset.count() == Approx(0.25).margin(1e-9));
  CHECK(step.sample->delay.count() == Approx(0.010).margin(1e-9));
  CHECK(step.sample->dispersion.count() == Approx(1e-7 + std::ldexp(1.0, -20) + 1e-8).epsilon(1e-6));
  CHECK(step.sample->stratum == base::Stratum{2});
  CHECK_FALSE(step.sample->authenticated);
  CHECK(step.reachability_changed);
  const auto report = script.report();
  CHECK(report.reach == 1);
  CHECK(report.ntp.tests == packet_test::all);
  CHECK(report.ntp.offset.count() == Approx(-0.25).margin(1e-9));
  CHECK(report.ntp.total_good_rx == 1);
}

TEST_CASE("the offset option is added to what was measured") {
  auto source = plain_source();
  source.offset = base::Seconds{-0.001};
  Script script(source);
  const auto action = script.act(Started{});
  CHECK(answer(script, action).sample->offset.count() == Approx(-0.001).margin(1e-9));
}

TEST_CASE("one-shot exchanges stand as far apart as those of any burst, and then finish") {
  EngineContext context;
  context.one_shot = true;
  Script script(plain_source(), context);
  Step step = script.play(Started{});
  for (int i = 0; i < 3; ++i) {
    step = answer(script, step.action);
    CHECK(script.wait_of(step.action) == 1990ms);  // two seconds after the request
    step = script.wake(step.action);
  }
  CHECK(answer(script, step.action).action == Action{Finish{}});
}

TEST_CASE(
    "one-shot requests that cannot be sent are spread over some seconds: the network may just come up") {
  EngineContext context;
  context.one_shot = true;
  Script script(plain_source(), context);
  Step step = script.play(Started{});
  const auto began = script.now.mono;
  while (!std::holds_alternative<Finish>(step.action)) {
    step = std::holds_alternative<Exchange>(step.action) ? script.play(Silence{.send_failed = true})
                                                         : script.wake(step.action);
  }
  CHECK(base::to_seconds(script.now.mono - began).count() == Approx(7));
}

TEST_CASE("what is not the answer is passed over, and the answer still counts") {
  Script script(plain_source());
  const auto action = script.act(Started{});
  const auto& exchange = std::get<Exchange>(action);
  const auto good = good_answer(exchange.request, script.now.real);
  const auto ignored = [&](const protocol::Header& header) {
    const auto step = answer_with(script, action, header);
    return std::holds_alternative<Listen>(step.action) && !step.sample;
  };
  auto other_origin = good;
  other_origin.origin.value ^= 1;
  CHECK(ignored(other_origin));
  auto no_origin = good;
  no_origin.origin = {};
  CHECK(ignored(no_origin));
  auto no_receive = good;
  no_receive.receive = {};
  CHECK(ignored(no_receive));
  auto no_transmit = good;
  no_transmit.transmit = {};
  CHECK(ignored(no_transmit));
  auto request = good;
  request.mode = protocol::Mode::client;
  CHECK(ignored(request));
  auto from_elsewhere = script.reply({}, exchange, 0ms);
  const auto datagram = octets_of(good);
  from_elsewhere.datagram = datagram;
  from_elsewhere.from.address = address("192.0.2.99");
  CHECK(std::holds_alternative<Listen>(script.act(from_elsewhere)));
  const base::Buffer cut(datagram.begin(), datagram.begin() + 47);
  CHECK(std::holds_alternative<Listen>(script.act(script.reply(cut, exchange, 0ms))));
  CHECK(script.play(script.reply(datagram, exchange, 0ms)).sample);
  CHECK(script.report().ntp.total_rx == 8);
  CHECK(script.report().ntp.total_valid_rx == 1);
}

TEST_CASE("a second answer to one request is not taken") {
  Script script(plain_source());
  const auto action = script.act(Started{});
  const auto& exchange = std::get<Exchange>(action);
  const auto datagram = octets_of(good_answer(exchange.request, script.now.real));
  REQUIRE(script.play(script.reply(datagram, exchange)).sample);
  CHECK_FALSE(script.play(script.reply(datagram, exchange)).sample);
}

TEST_CASE("an unsynchronised server gives no sample and no reach") {
  Script script(plain_source());
  const auto action = script.act(Started{});
  auto header = good_answer(std::get<Exchange>(action).request, script.now.real);
  SECTION("by leap") {
    header.leap = base::LeapIndicator::unsynchronised;
  }
  SECTION("by stratum") {
    header.stratum = 16;
  }
  SECTION("by a stratum of zero without a code") {
    header.stratum = 0;
    header.reference_id = {};
  }
  SECTION("by a reference time in its future") {
    header.reference.value = header.transmit.value + (1ULL << 32U);
  }
  SECTION("by root dispersion") {
    header.root_dispersion = base::short_duration(base::Seconds{17});
  }
  const auto step = answer_with(script, action, header);
  CHECK_FALSE(step.sample);
  CHECK(std::holds_alternative<Wait>(step.action));
  CHECK(script.report().reach == 0);
  CHECK((script.report().ntp.tests & packet_test::fit) != packet_test::fit);
}

TEST_CASE("a server that follows us is a loop") {
  Script script(plain_source());
  const auto action = script.act(Started{});
  auto header = good_answer(std::get<Exchange>(action).request, script.now.real);
  header.reference_id = {0xc00002c8};  // 192.0.2.200, where the answer came to
  CHECK_FALSE(answer_with(script, action, header).sample);
  CHECK(script.report().ntp.tests == (packet_test::all & ~packet_test::no_loop));
}

TEST_CASE("maxdelay keeps long round trips out but the source reachable") {
  auto source = plain_source();
  source.max_delay = base::Seconds{0.009};
  Script script(source);
  const auto action = script.act(Started{});
  CHECK_FALSE(answer(script, action).sample);
  CHECK(script.report().reach == 1);
  CHECK((script.report().ntp.tests & packet_test::delay_limit) == 0);
}

TEST_CASE("RATE in place of an answer lengthens the poll, more each time, and beyond maxpoll") {
  auto source = plain_source();
  source.max_poll = {6};
  source.iburst = true;
  Script script(source);
  Step step = script.play(Started{});
  for (const int poll : {7, 8, 9}) {
    step = kiss_and_silence(script, step.action, kiss::rate);
    CHECK(script.report().poll.value == poll);
    CHECK(base::to_seconds(script.wait_of(step.action)).count() > 0.97 * std::ldexp(1.0, poll));
    step = script.wake(step.action);
  }
}

TEST_CASE("a kiss without our origin timestamp changes nothing") {
  Script script(plain_source());
  const auto action = script.act(Started{});
  auto header = kiss(action, base::reference_id("DENY"));
  header.origin.value ^= 1;
  CHECK(std::holds_alternative<Listen>(answer_with(script, action, header).action));
}

TEST_CASE("a forged kiss beside the true answer changes nothing") {
  const auto code = GENERATE(kiss::deny, kiss::rstr, kiss::rate);
  Script script(plain_source());
  Step step = script.play(Started{});
  for (int i = 0; i < 10; ++i) {
    const auto asked = step.action;
    for (int j = 0; j < 3; ++j) {
      const auto doubted = answer_with(script, asked, kiss(asked, code));
      REQUIRE(std::holds_alternative<Listen>(doubted.action));
      CHECK(has_note<note::KissReceived>(doubted) == (j == 0));
    }
    step = answer(script, asked);
    CHECK(step.sample);
    CHECK(!script.report().kiss);
    CHECK(script.report().poll.value == 6);
    step = script.wake(step.action);
  }
  CHECK(script.report().reach == 0xff);
}

TEST_CASE(
    "DENY and RSTR in plain NTP count when nothing but they came to four polls in a row, as RATE does") {
  const auto code = GENERATE(kiss::deny, kiss::rstr);
  Script script(plain_source());
  Step step = script.play(Started{});
  for (int i = 1; i <= 3; ++i) {
    step = kiss_and_silence(script, step.action, code);
    CHECK(script.report().poll.value == 6);
    CHECK(script.wait_of(step.action) <= 70s);
    step = script.wake(step.action);
  }
  CHECK(script.report().kiss == code);
  SECTION("an answer shows that they were forged") {
    step = answer(script, step.action);
    CHECK(!script.report().kiss);
    for (int i = 0; i < 3; ++i) step = kiss_and_silence(script, script.wake(step.action).action, code);
    CHECK(script.report().poll.value == 6);
  }
  SECTION("the fourth makes the poll longer, and the source is still asked") {
    step = kiss_and_silence(script, step.action, code);
    CHECK(script.report().poll.value == 8);
    CHECK(script.wait_of(step.action) < 300s);
    CHECK(std::holds_alternative<Exchange>(script.wake(step.action).action));
  }
}

TEST_CASE("one forged kiss does not end the only try of who asks once") {
  const auto code = GENERATE(kiss::deny, kiss::rstr, kiss::rate);
  EngineContext context;
  context.one_shot = true;
  Script script(plain_source(), context);
  const auto step = kiss_and_silence(script, script.act(Started{}), code);
  REQUIRE(std::holds_alternative<Wait>(step.action));
  CHECK(answer(script, script.wake(step.action).action).sample);
}

TEST_CASE("advice moves the poll within its limits only") {
  auto source = plain_source();
  source.max_poll = {7};
  Script script(source);
  answer(script, script.act(Started{}));
  static_cast<void>(script.association.advise({.best = 2}));
  CHECK(script.report().poll.value == 6);
  for (int i = 0; i < 4; ++i) CHECK_FALSE(script.association.advise({.best = 10}));
  CHECK(script.report().poll.value == 7);
}

TEST_CASE(
    "a longer interval is taken when advised twice and not for a trifle, a shorter one step by step, and at "
    "once when urgent") {
  auto source = plain_source();
  source.max_poll = {10};
  Script script(source);
  answer(script, script.act(Started{}));
  const auto poll_after = [&script](double best) {
    static_cast<void>(script.association.advise({best}));
    return script.report().poll.value;
  };
  CHECK(poll_after(8) == 6);
  CHECK(poll_after(8) == 8);
  CHECK(poll_after(8.6) == 8);
  CHECK(poll_after(7.4) == 8);
  CHECK(poll_after(6) == 7);
  CHECK(poll_after(2) == 6);
}

TEST_CASE("eight silent polls make a source unreachable") {
  Script script(plain_source());
  Step step = answer(script, script.act(Started{}));
  for (int i = 0; i < 8; ++i) {
    CHECK(script.report().reach != 0);
    step = script.wake(step.action);
    step = script.play(Silence{});
  }
  CHECK(step.reachability_changed);
  CHECK(has_note<note::SourceUnreachable>(step));
  CHECK(script.report().reach == 0);
}

TEST_CASE("a name is resolved first, with growing pauses of less than a minute") {
  auto source = plain_source();
  source.name = "ntp.example";
  Script script(source);
  Action action = script.act(Started{});
  CHECK(action == Action{Resolve{"ntp.example", base::AddressFamily::unspecified}});
  for (const double expected : {2., 4., 8., 28., 54., 54.}) {
    const Step step = script.play(Resolved{});
    CHECK(has_note<note::ResolveFailed>(step));
    const double wait = base::to_seconds(script.wait_of(step.action)).count();
    CHECK(wait >= expected);
    CHECK(wait <= 1.1 * expected);
    action = script.wake(step.action).action;
    CHECK(std::holds_alternative<Resolve>(action));
  }
  CHECK(script.report().activity == Activity::unresolved);
  action = script.act(Resolved{{address("192.0.2.5"), address("192.0.2.6")}});
  CHECK(std::get<Exchange>(action).to.address == address("192.0.2.5"));
}

TEST_CASE("addresses that others use are left to them") {
  auto source = plain_source();
  source.name = "ntp.example";
  EngineContext context;
  context.taken = {address("192.0.2.5")};
  Script script(source, context);
  static_cast<void>(script.play(Started{}));
  const auto action = script.act(Resolved{{address("192.0.2.5"), address("192.0.2.6")}});
  CHECK(std::get<Exchange>(action).to.address == address("192.0.2.6"));
}

TEST_CASE("a named server that went silent is replaced by another address") {
  auto source = plain_source();
  source.name = "ntp.example";
  Script script(source);
  static_cast<void>(script.play(Started{}));
  Step step = script.play(Resolved{{address("192.0.2.5"), address("192.0.2.6")}});
  step = script.wake(answer(script, step.action).action);
  for (int i = 0; i < 8; ++i) {
    REQUIRE(std::holds_alternative<Exchange>(step.action));
    script.pass(16s);
    step = script.play(Silence{});
    if (i < 7) step = script.wake(step.action);
  }
  REQUIRE(std::holds_alternative<Resolve>(step.action));
  step = script.play(Resolved{{address("192.0.2.5"), address("192.0.2.6")}});
  CHECK(has_note<note::SourceAddressChanged>(step));
  CHECK(script.association.address() == address("192.0.2.6"));
}

TEST_CASE("names are resolved again from time to time; the address stays while it is listed") {
  auto source = plain_source();
  source.name = "ntp.example";
  EngineContext context;
  context.name_refresh = base::Seconds{100};
  Script script(source, context);
  static_cast<void>(script.play(Started{}));
  Step step = script.play(Resolved{{address("192.0.2.5")}});
  step = answer(script, step.action);
  script.pass(200s);
  step = script.play(Woken{});
  REQUIRE(std::holds_alternative<Resolve>(step.action));
  step = script.play(Resolved{{address("192.0.2.6"), address("192.0.2.5")}});
  CHECK(std::get<Exchange>(step.action).to.address == address("192.0.2.5"));
}

TEST_CASE("an offline source waits until it is brought online") {
  auto source = plain_source();
  source.offline = true;
  Script script(source);
  const auto action = script.act(Started{});
  CHECK(script.wait_of(action) >= 24h);
  CHECK(script.report().activity == Activity::offline);
  const Step step = script.play(Interrupt{InterruptKind::go_online});
  CHECK(has_note<note::SourceOnline>(step));
  CHECK(std::holds_alternative<Exchange>(step.action));
  CHECK(std::holds_alternative<Wait>(script.act(Interrupt{InterruptKind::go_offline})));
}

TEST_CASE("a burst is made on command") {
  Script script(plain_source());
  Step step = answer(script, script.act(Started{}));
  script.pass(10s);
  step = script.play(Interrupt{InterruptKind::burst});
  CHECK(std::holds_alternative<Exchange>(step.action));
  CHECK(script.report().activity == Activity::burst_online);
  step = answer(script, step.action);
  CHECK(script.wait_of(step.action) < 2s);
}

TEST_CASE("a stepped clock voids the exchange in flight without blaming the source") {
  Script script(plain_source());
  Step step = answer(script, script.act(Started{}));
  step = script.wake(step.action);
  script.pass(5ms);
  step = script.play(Interrupt{InterruptKind::clock_stepped});
  CHECK(script.report().reach == 1);
  CHECK(script.wait_of(step.action) == 2s - 5ms);
  CHECK(std::holds_alternative<Exchange>(script.wake(step.action).action));
}

TEST_CASE("a clock that we have stepped makes no request come sooner") {
  Script script(plain_source());
  const Step step = answer(script, script.act(Started{}));
  const auto due = std::get<Wait>(step.action).until;
  CHECK(script.act(Interrupt{InterruptKind::clock_stepped}) == Action{Wait{due}});
}

TEST_CASE("a source asked again just after a request is asked two seconds after it") {
  Script script(plain_source());
  Step step = answer(script, script.act(Started{}));
  const auto kind = GENERATE(InterruptKind::burst, InterruptKind::go_online);
  if (kind == InterruptKind::go_online) step = script.play(Interrupt{InterruptKind::go_offline});
  step = script.play(Interrupt{kind});
  CHECK(script.wait_of(step.action) == 2s - 10ms);
}

TEST_CASE("a changed network is tried at once") {
  Script script(plain_source());
  static_cast<void>(script.play(Started{}));
  script.pass(16s);
  Step step = script.play(Silence{});
  CHECK(script.wait_of(step.action) > 40s);
  step = script.play(Interrupt{InterruptKind::network_changed});
  CHECK(script.wait_of(step.action) <= 1s);
}

TEST_CASE("a removed source finishes") {
  Script script(plain_source());
  static_cast<void>(script.play(Started{}));
  CHECK(script.act(Interrupt{InterruptKind::remove}) == Action{Finish{}});
}

TEST_CASE("auto_offline takes a source offline when nothing can be sent") {
  auto source = plain_source();
  source.auto_offline = true;
  Script script(source);
  static_cast<void>(script.play(Started{}));
  const Step step = script.play(Silence{true});
  CHECK(has_note<note::SourceOffline>(step));
  CHECK(script.report().activity == Activity::offline);
}

TEST_CASE("filter gives the best of several samples") {
  auto source = plain_source();
  source.filter = 3;
  source.iburst = true;
  Script script(source);
  Step step = script.play(Started{});
  for (int i = 0; i < 2; ++i) {
    step = answer(script, step.action);
    CHECK_FALSE(step.sample);
    step = script.wake(step.action);
  }
  CHECK(answer(script, step.action).sample);
}

}  // namespace gnomon::testing
