// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/packet_record.hpp"

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

// The record of a packet that has these fields otherwise.
template <class Change>
std::optional<MeasurementRecord> record_when(Change&& change) {
  Script script(plain_source());
  const auto exchange = std::get<Exchange>(script.act(Started{}));
  auto header = good_answer(exchange.request, script.now.real);
  change(header);
  return script.play(script.reply(octets_of(header), exchange)).record;
}

}  // namespace

TEST_CASE("a good answer is recorded with what was measured and what the server says") {
  Script script(plain_source());
  const auto begun = script.now.real;
  const auto step = answer(script, script.act(Started{}), 250ms);
  REQUIRE(step.record);
  const auto& r = *step.record;
  CHECK(r.time == begun + 5ms);
  CHECK(r.address == address("192.0.2.1"));
  CHECK(r.leap == base::LeapIndicator::none);
  CHECK(r.stratum == 2);
  CHECK(r.tests == packet_test::all);
  CHECK(r.is_fit());
  CHECK(r.poll == base::PollExponent{6});
  CHECK(r.remote_poll == 6);
  CHECK(r.offset.count() == Approx(0.25));
  CHECK(r.delay.count() == Approx(0.010));
  CHECK(r.root_delay.count() == Approx(0.01).margin(2e-5));
  CHECK(r.root_dispersion.count() == Approx(0.002).margin(2e-5));
  CHECK(r.reference_id.value == 0x0a000001);
  CHECK(r.mode == 4);
  CHECK_FALSE(r.interleaved);
  CHECK(r.sent == StampSource::kernel);
  CHECK(r.received == StampSource::kernel);
}

TEST_CASE("an answer to another request is recorded as one that failed the second test") {
  const auto r = record_when([](protocol::Header& h) { h.origin = base::NtpTimestamp{77}; });
  REQUIRE(r);
  CHECK(r->tests == (packet_test::not_duplicate | packet_test::timestamps | packet_test::authentic |
                     packet_test::synchronised | packet_test::root_distance));
  CHECK(r->offset.count() == 0);
  CHECK_FALSE(r->is_fit());
}

TEST_CASE("an unsynchronised server is recorded, and is not fit") {
  const auto r = record_when([](protocol::Header& h) { h.leap = base::LeapIndicator::unsynchronised; });
  REQUIRE(r);
  CHECK((r->tests & packet_test::synchronised) == 0);
  CHECK_FALSE(r->is_fit());
  CHECK(r->leap == base::LeapIndicator::unsynchronised);
}

TEST_CASE("what is no response is not recorded") {
  CHECK_FALSE(record_when([](protocol::Header& h) { h.mode = protocol::Mode::client; }));
  Script script(plain_source());
  const auto exchange = std::get<Exchange>(script.act(Started{}));
  CHECK_FALSE(script.play(script.reply(base::Buffer(20), exchange)).record);
}

TEST_CASE("an answer that only warms the path up fails the test of delay") {
  auto source = plain_source();
  source.presend = {6};
  Script script(source);
  const auto step = answer(script, script.act(Started{}));
  CHECK_FALSE(step.sample);
  REQUIRE(step.record);
  CHECK(step.record->tests == (packet_test::all & ~packet_test::delay_limit));
}

TEST_CASE("maxdelayquant is the third test of delay, as chrony has it") {
  auto source = plain_source();
  source.max_delay_quantile = 0.5;
  Script script(source);
  auto action = script.act(Started{});
  std::optional<MeasurementRecord> last;
  for (int i = 0; i < 40; ++i) {
    const auto& exchange = std::get<Exchange>(action);
    const auto datagram = octets_of(good_answer(exchange.request, script.now.real));
    const auto step = script.play(script.reply(datagram, exchange, i == 39 ? 90ms : 10ms + i % 3 * 1ms));
    last = step.record;
    action = script.wake(step.action).action;
  }
  REQUIRE(last);
  CHECK(last->tests == (packet_test::all & ~packet_test::delay_deviation));
}

TEST_CASE("a datagram from elsewhere is not the source's") {
  Script script(plain_source());
  const auto exchange = std::get<Exchange>(script.act(Started{}));
  const auto datagram = octets_of(good_answer(exchange.request, script.now.real));
  auto event = script.reply(datagram, exchange);
  event.from.address = address("192.0.2.99");
  CHECK_FALSE(script.play(event).record);
}

}  // namespace gnomon::testing
