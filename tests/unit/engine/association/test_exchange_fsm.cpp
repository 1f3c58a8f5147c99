// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/exchange_fsm.hpp"

#include "tests/unit/engine/association/nts_server.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr base::MonoTime start{5000s};
constexpr base::RealTime today{1'800'000'000s};

RequestPlan plan() {
  return {.to = {address("192.0.2.1"), 123}, .poll = {6}, .timeout = 3s};
}

struct Exchanges {
  Exchange begin(const RequestPlan& with = plan()) {
    last = fsm.start(with, nullptr, start, entropy_of(seed));
    return last;
  }
  protocol::Header header() const { return *protocol::parse_header(last.request); }
  protocol::Header good() const { return good_answer(last.request, today); }
  Received event_of(const protocol::Header& answer) {
    datagram = octets_of(answer);
    Received event;
    event.datagram = datagram;
    event.from = last.to;
    event.local = address("192.0.2.200");
    event.sent = {today, StampSource::kernel};
    event.received = {today + 10ms, StampSource::kernel};
    return event;
  }
  Reception receive(const protocol::Header& answer) { return fsm.receive(event_of(answer), nullptr); }
  OpenExchange complete(const protocol::Header& answer, bool keep = true) {
    const auto event = event_of(answer);
    return fsm.complete(event, fsm.receive(event, nullptr).check, start, keep);
  }

  ExchangeFsm fsm;
  Exchange last;
  base::Buffer datagram;
  std::uint32_t seed = 1;
};

protocol::Header kiss_of(const Exchanges& e, base::ReferenceId code) {
  auto header = e.good();
  header.stratum = 0;
  header.reference_id = code;
  return header;
}

}  // namespace

TEST_CASE("an exchange goes where the plan says and is given up after the plan's timeout") {
  Exchanges e;
  const auto exchange = e.begin();
  CHECK(exchange.to == plan().to);
  CHECK(exchange.give_up == start + 3s);
  CHECK(e.fsm.give_up() == start + 3s);
  CHECK_FALSE(e.fsm.is_warm_up());
  CHECK(e.header().poll == 6);
}

TEST_CASE("the answer ends the exchange, what comes from elsewhere does not") {
  Exchanges e;
  e.begin();
  auto event = e.event_of(e.good());
  event.from.port = 124;
  CHECK_FALSE(e.fsm.receive(event, nullptr).ends);
  event.from = {address("192.0.2.2"), 123};
  CHECK_FALSE(e.fsm.receive(event, nullptr).ends);
  const auto reception = e.receive(e.good());
  CHECK(reception.ends);
  CHECK(reception.check.disposition == Disposition::answer);
}

TEST_CASE("a kiss without proof is remembered, once an exchange, and does not end it") {
  Exchanges e;
  e.begin();
  auto reception = e.receive(kiss_of(e, kiss::deny));
  CHECK(reception.first_kiss);
  CHECK_FALSE(reception.ends);
  CHECK(e.fsm.kiss_seen() == kiss::deny);
  reception = e.receive(kiss_of(e, kiss::rate));
  CHECK_FALSE(reception.first_kiss);
  CHECK(e.fsm.kiss_seen() == kiss::deny);
  CHECK(e.receive(e.good()).ends);
  e.begin();
  CHECK_FALSE(e.fsm.kiss_seen());
}

TEST_CASE("a NAK is remembered, once an exchange, and does not end it") {
  NtsServer server;
  NtsClient client{std::nullopt};
  client.ke_succeeded(server.session(), start, 0);
  server.renew(99);
  Exchanges e;
  e.last = e.fsm.start(plan(), &client, start, entropy_of(e.seed));
  e.datagram = server.answer(e.last.request, today);
  Received event;
  event.datagram = e.datagram;
  event.from = e.last.to;
  auto reception = e.fsm.receive(event, &client);
  CHECK(reception.first_nak);
  CHECK_FALSE(reception.ends);
  CHECK(e.fsm.nak_seen());
  CHECK_FALSE(e.fsm.receive(event, &client).first_nak);
}

TEST_CASE("a basic answer completes its own exchange") {
  Exchanges e;
  e.begin();
  const auto answer = e.good();
  const auto completed = e.complete(answer);
  CHECK(completed.exchanged.header == answer);
  CHECK(completed.exchanged.sent.time == today);
  CHECK(completed.exchanged.server == address("192.0.2.1"));
  CHECK(completed.exchanged.local == address("192.0.2.200"));
  CHECK(completed.at == start);
  CHECK_FALSE(completed.exchanged.interleaved);
  CHECK_FALSE(completed.measured);
}

TEST_CASE("a kept exchange is named in the next request, and completed by an interleaved answer") {
  Exchanges e;
  e.begin();
  CHECK(e.header().origin.is_zero());
  const auto first = e.good();
  const auto before = e.complete(first).exchanged;
  e.fsm.measured(before);
  e.begin();
  CHECK(e.header().origin == first.receive);
  auto second = e.good();
  second.origin = e.header().receive;
  second.transmit = base::to_ntp(today + 6ms);
  second.receive = base::to_ntp(today + 64s);
  const auto completed = e.complete(second);
  CHECK(completed.exchanged.interleaved);
  CHECK(completed.exchanged.header.receive == first.receive);
  CHECK(completed.exchanged.header.transmit == second.transmit);
  CHECK(completed.measured);  // by its own answer: no second sample
  e.fsm.measured(completed.exchanged);
  e.begin();
  CHECK(e.header().origin == second.receive);
  auto third = e.good();
  third.origin = e.header().receive;
  CHECK_FALSE(e.complete(third).measured);  // the second exchange has given none yet
}

TEST_CASE("an exchange that is not kept, or was forgotten, is not named") {
  Exchanges e;
  e.begin();
  e.complete(e.good(), false);
  e.begin();
  CHECK(e.header().origin.is_zero());
  e.complete(e.good());
  e.fsm.forget_previous();
  e.begin();
  CHECK(e.header().origin.is_zero());
}

TEST_CASE("warm-ups come before each exchange that counts, two seconds ahead of the next") {
  Exchanges e;
  auto warmed = plan();
  warmed.warm_ups = 2;
  for (const bool warm_up : {true, true, false, true, true, false}) {
    const auto exchange = e.begin(warmed);
    CHECK(e.fsm.is_warm_up() == warm_up);
    CHECK(exchange.give_up == start + (warm_up ? 2s : 3s));
  }
  e.begin(plan());
  CHECK_FALSE(e.fsm.is_warm_up());
}

}  // namespace gnomon::testing
