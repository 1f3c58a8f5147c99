// SPDX-License-Identifier: GPL-2.0-or-later
// Servers whose clocks are too coarse for the order of their timestamps to mean anything.
#include "daemon/core/engine/association/sampling.hpp"
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
    CHECK(script.report().ntp.tests == tests::all);
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
    CHECK((report.ntp.tests & tests::timestamps) == 0);
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

}  // namespace gnomon::testing
