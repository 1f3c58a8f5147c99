// SPDX-License-Identifier: GPL-2.0-or-later
// Samples, and the tests they pass: among them servers whose clocks are too coarse for the order of their
// timestamps to mean anything, and sources that are ourselves, or follow us.
#include "daemon/core/engine/association/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "daemon/core/engine/discipline/sample_record.hpp"
#include "daemon/core/engine/text/messages.hpp"
#include "daemon/core/engine/values/reference_id.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

struct Case {
  std::int8_t precision;
  base::Duration response_time;
};

// Received in the middle of a round trip of 10 ms, sent by its own account that much later.
protocol::Header stamped(const Exchange& exchange, base::RealTime sent, const Case& c) {
  auto header = good_answer(exchange.request, sent);
  header.precision = c.precision;
  header.receive = base::to_ntp(sent + 5ms - c.response_time / 2);
  header.transmit = base::to_ntp(sent + 5ms + c.response_time / 2);
  return header;
}

Step answer_as(Script& script, const Action& action, const Case& c) {
  const auto& exchange = std::get<Exchange>(action);
  return script.play(script.reply(octets_of(stamped(exchange, script.now.real, c)), exchange));
}

}  // namespace

TEST_CASE("an answer sent before it was received, by less than the server's clock can tell, is one") {
  for (const Case& c : {Case{-24, -50ns}, Case{-30, -900us}, Case{-18, -1ms}, Case{-10, -1900us},
                        Case{-6, -16ms}, Case{-5, -32ms}}) {
    INFO(int{c.precision});
    Script script(plain_source());
    const auto step = answer_as(script, script.act(Started{}), c);
    REQUIRE(step.sample);
    CHECK(step.sample->offset.count() == Approx(0).margin(2e-9));
    CHECK(script.report().reach == 1);
    CHECK(script.report().ntp.tests == packet_test::all);
    CHECK(script.report().ntp.response_time.count() == 0);
  }
}

TEST_CASE("a round trip shorter than the server's clock can tell counts as long as that") {
  for (const auto& [precision, delay] : {std::pair{-20, 0.01}, std::pair{-6, 1.0 / 64}}) {
    Script script(plain_source());
    const auto step = answer_as(script, script.act(Started{}), {static_cast<std::int8_t>(precision), 0s});
    REQUIRE(step.sample);
    CHECK(step.sample->delay.count() == Approx(delay).epsilon(1e-3));
  }
}

TEST_CASE("what a timestamp means does not depend on a clock that may show any year") {
  using namespace std::chrono;
  const auto at = [](year_month_day day) { return base::RealTime{sys_days{day}.time_since_epoch()}; };
  const auto y2026 = at(2026y / 11 / 30);
  const auto y2099 = at(2099y / 1 / 1);
  const auto y1970 = at(1970y / 1 / 1);
  const auto y2045 = at(2045y / 6 / 1);
  for (const auto& [ours, theirs] :
       {std::pair{y2099, y2026}, {y1970, y2045}, {y2026, y2045}, {y2045, y2026}}) {
    EngineContext context;
    context.era = at(1976y / 12 / 13);
    Script script(plain_source(), context);
    script.now.real = ours;
    const auto exchange = std::get<Exchange>(script.act(Started{}));
    const auto step =
        script.play(script.reply(octets_of(good_answer(exchange.request, theirs)), exchange, 0ms));
    REQUIRE(step.sample);
    CHECK(step.sample->offset.count() == Approx(base::to_seconds(theirs - ours).count()).margin(1));
    CHECK(std::chrono::abs(script.report().ntp.reference_time - theirs) < 1h);
  }
}

TEST_CASE("an answer sent too long before it was received is one that fails the test of timestamps") {
  for (const Case& c : {Case{-24, -1100us}, Case{-30, -2s}, Case{-10, -2100us}, Case{-6, -17ms},
                        Case{4, -40ms}, Case{127, -15s}, Case{-128, -2ms}}) {
    INFO(int{c.precision});
    Script script(plain_source());
    const auto step = answer_as(script, script.act(Started{}), c);
    CHECK_FALSE(step.sample);
    CHECK(std::holds_alternative<Wait>(step.action));
    const auto report = script.report();
    CHECK(report.reach == 0);
    CHECK((report.ntp.tests & packet_test::timestamps) == 0);
    CHECK(report.ntp.response_time.count() == Approx(base::to_seconds(c.response_time).count()).margin(2e-9));
    CHECK(report.ntp.total_rx == 1);
    CHECK(report.ntp.total_valid_rx == 0);
  }
}

TEST_CASE("a server that sets its clock while it answers is measured again at the next poll") {
  Script script(plain_source());
  Step step = answer_as(script, script.act(Started{}), {-20, 0s});
  step = answer_as(script, script.wake(step.action).action, {-20, -1s});
  CHECK(script.report().reach == 0b10);
  CHECK_FALSE(step.sample);
  step = answer_as(script, script.wake(step.action).action, {-20, 0s});
  CHECK(script.report().reach == 0b101);
  CHECK(step.sample);
}

TEST_CASE(
    "a reference time that is later than the answer by less than the server's clock can tell is none in the "
    "future") {
  for (const auto& [late, synchronised] : {std::pair{1900us, true}, std::pair{2100us, false}}) {
    Script script(plain_source());
    const auto action = script.act(Started{});
    const auto& exchange = std::get<Exchange>(action);
    auto header = stamped(exchange, script.now.real, {-10, 0s});
    header.reference = base::to_ntp(script.now.real + 5ms + late);
    const auto step = script.play(script.reply(octets_of(header), exchange));
    CHECK(step.sample.has_value() == synchronised);
  }
}

// --- measure() alone

namespace {

constexpr base::RealTime sent_at{1'800'000'000s};

// 10 ms there and back, of which the server had 2; its clock is 1 s ahead.
Exchanged exchanged() {
  Exchanged e;
  e.header.mode = protocol::Mode::server;
  e.header.stratum = 2;
  e.header.precision = -20;
  e.header.root_delay = base::short_duration(base::Seconds{0.25});
  e.header.root_dispersion = base::short_duration(base::Seconds{0.125});
  e.header.receive = base::to_ntp(sent_at + 1004ms);
  e.header.transmit = base::to_ntp(sent_at + 1006ms);
  e.sent.time = sent_at;
  e.received.time = sent_at + 10ms;
  e.server = address("192.0.2.1");
  return e;
}

std::uint16_t failed_tests(const Exchanged& e) {
  const auto passed = measure(e, plain_source(), {}, {}, base::MonoTime{5s}).tests;
  return static_cast<std::uint16_t>(packet_test::all & ~passed);
}

}  // namespace

TEST_CASE("offset and delay are those of RFC 5905 section 8, in the middle of the exchange") {
  const auto m = measure(exchanged(), plain_source(), {}, {}, base::MonoTime{5s});
  CHECK(m.tests == packet_test::all);
  CHECK(m.sample.offset.count() == Approx(1).margin(2e-9));
  CHECK(m.sample.delay.count() == Approx(0.008).margin(2e-9));
  CHECK(m.response_time.count() == Approx(0.002).margin(2e-9));
  CHECK(m.sample.time == sent_at + 5ms);
  CHECK(m.sample.mono == base::MonoTime{5s});
  CHECK(m.sample.root_delay.count() == 0.25);
  CHECK(m.sample.root_dispersion.count() == 0.125);
  CHECK(m.sample.stratum == base::Stratum{2});
}

TEST_CASE("what a server's timestamps have beyond nanoseconds counts") {
  auto e = exchanged();
  const auto before = measure(e, plain_source(), {}, {}, {});
  ++e.header.receive.value;
  ++e.header.transmit.value;
  const auto after = measure(e, plain_source(), {}, {}, {});
  CHECK((after.sample.offset - before.sample.offset).count() == Approx(std::ldexp(1.0, -32)).epsilon(0.01));
}

TEST_CASE("what transparent clocks held the packets for is taken off, and the root distance stays") {
  auto e = exchanged();
  const auto plain = measure(e, plain_source(), {}, {}, {});
  e.extensions.correction = base::Seconds{0.004};  // there, the wire included
  e.received.on_wire = base::Seconds{0.001};
  e.received.held = base::Seconds{0.002};  // back
  const auto m = measure(e, plain_source(), {}, {}, {});
  CHECK(m.sample.delay.count() == Approx(0.003 + 5e-7).margin(1e-8));
  CHECK((m.sample.offset - plain.sample.offset).count() == Approx(-0.0005).margin(1e-9));
  CHECK(m.sample.root_distance().count() == Approx(plain.sample.root_distance().count()).margin(1e-9));
}

TEST_CASE(
    "with a peer the time in transparent clocks is no part of the round trip, however its span is reckoned") {
  auto e = exchanged();
  e.symmetric = true;
  const auto plain = measure(e, plain_source(), {}, {}, {});
  e.extensions.correction = base::Seconds{0.002};
  e.received.held = base::Seconds{0.002};
  const auto m = measure(e, plain_source(), {}, {}, {});
  REQUIRE(m.sample.span);
  CHECK((m.sample.span->remote - plain.sample.span->remote).count() == Approx(0.004).epsilon(1e-3));
  auto right = m.sample;
  right.span->drift = 0;
  const auto even = straightened(right, Timescale{sent_at}, 0, 0);
  CHECK((even.delay - even.dispersion).count() == Approx(m.sample.delay.count()).margin(1e-9));
}

TEST_CASE("what transparent clocks cannot have measured is not believed") {
  auto e = exchanged();
  const auto plain = measure(e, plain_source(), {}, {}, {}).sample.offset;
  e.received.on_wire = base::Seconds{1e-6};
  const auto unchanged = [&](std::optional<double> there, double back) {
    e.extensions.correction.reset();
    if (there) e.extensions.correction = base::Seconds{*there};
    e.received.held = base::Seconds{back};
    return measure(e, plain_source(), {}, {}, {}).sample.offset == plain;
  };
  CHECK(unchanged({}, 0.002));
  CHECK(unchanged(0.002, 0));
  CHECK(unchanged(0, 0.002));
  CHECK(unchanged(-0.002, 0.004));
  CHECK(unchanged(0.009, 0.001));  // longer than the round trip
  CHECK(unchanged(1e300, 1e300));
  CHECK_FALSE(unchanged(0.002, 0.002));
}

TEST_CASE("the dispersion is the precision of both clocks and the drift of ours meanwhile") {
  EngineContext context;
  context.clock_precision = base::Seconds{1e-3};
  context.max_clock_error = base::Ppm{100};
  auto e = exchanged();
  e.header.precision = -8;
  const auto m = measure(e, plain_source(), context, {}, {});
  CHECK(m.sample.dispersion.count() == Approx(1e-3 + 1.0 / 256 + 0.01 * 100e-6));
}

TEST_CASE("each test of an answer fails alone") {
  auto e = exchanged();
  SECTION("leap") {
    e.header.leap = base::LeapIndicator::unsynchronised;
    CHECK(failed_tests(e) == packet_test::synchronised);
  }
  SECTION("stratum") {
    e.header.stratum = 16;
    CHECK(failed_tests(e) == packet_test::synchronised);
  }
  SECTION("root distance") {
    e.header.root_dispersion = base::short_duration(base::Seconds{16});
    CHECK(failed_tests(e) == packet_test::root_distance);
  }
  SECTION("a long round trip") {
    e.received.time += 4s;
    CHECK(failed_tests(e) == packet_test::delay_limit);
  }
  SECTION("a negative round trip") {
    e.header.receive = base::to_ntp(sent_at);
    e.header.transmit = base::to_ntp(sent_at + 20ms);
    CHECK(failed_tests(e) == packet_test::delay_limit);
  }
  SECTION("a long response time") {
    e.header.transmit = base::to_ntp(sent_at + 6s);
    e.received.time = sent_at + 5s;
    CHECK(failed_tests(e) == packet_test::delay_limit);
  }
}

TEST_CASE("what the source's options add stands in the sample") {
  auto source = plain_source();
  source.min_stratum = {5};
  EngineContext context;
  auto e = exchanged();
  e.local = address("192.0.2.200");
  e.authenticated = true;
  const auto sample = measure(e, source, context, {}, {}).sample;
  CHECK(sample.stratum == base::Stratum{5});
  CHECK(sample.local == address("192.0.2.200"));
  CHECK(sample.authenticated);
}

// --- loops

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

struct Asked {
  Step step;
  AssociationReport report;
};

Asked ask(const Scene& scene, EngineContext context = {}) {
  context.own.stratum = 3;
  context.own.reference_ids = {id("192.0.2.200"), id("10.1.1.1"), id("2001:db8::5")};
  std::ranges::sort(context.own.reference_ids);
  auto source = plain_source();
  source.name = scene.server;
  Script script(source, context);
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

Loop loop_of(const Scene& scene, const EngineContext& context = {}) {
  const auto outcome = ask(scene, context);
  CHECK(outcome.step.sample.has_value() == (outcome.report.loop == Loop::none));
  CHECK(((outcome.report.ntp.tests & packet_test::no_loop) != 0) == (outcome.report.loop == Loop::none));
  CHECK(outcome.report.reach == 1);
  CHECK(outcome.report.awaited_until.has_value() == (outcome.report.loop == Loop::none));
  return outcome.report.loop;
}

}  // namespace

TEST_CASE("a server that follows one of our addresses follows us") {
  CHECK(loop_of({.whom = id("192.0.2.200")}) == Loop::follows_us);
  CHECK(loop_of({.whom = id("2001:db8::5")}) == Loop::follows_us);
  CHECK(loop_of({.whom = id("192.0.2.201")}) == Loop::none);
  // Known by the address our request came from, whatever our stratum is by now.
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
  EngineContext context;
  SECTION("serves nobody") {
    context.own.serves = false;
  }
  SECTION("asks once") {
    context.one_shot = true;
  }
  CHECK(loop_of({.whom = id("192.0.2.200")}, context) == Loop::none);
}

TEST_CASE("our own answer is never followed, and the operator is told once") {
  const auto outcome = ask({.whom = id("127.127.1.1"), .ours = true});
  CHECK(outcome.report.loop == Loop::ourselves);
  CHECK(outcome.report.ntp.tests == (packet_test::all & ~packet_test::no_loop));
  CHECK(has_note<note::SourceIsOurselves>(outcome.step));
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
