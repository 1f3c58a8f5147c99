// SPDX-License-Identifier: GPL-2.0-or-later
// The options of one source that decide which measurements count and how.
#include "daemon/core/engine/association/sampling.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

config::Source literal() {
  config::Source source;
  source.name = "192.0.2.1";
  return source;
}

Step answered(Script& script, const Action& action, base::Duration round_trip = 10ms) {
  const auto& exchange = std::get<Exchange>(action);
  const auto datagram = octets_of(good_answer(exchange.request, script.now.real));
  return script.play(script.reply(datagram, exchange, round_trip));
}

Sample sample_of(double offset, double delay) {
  Sample sample;
  sample.offset = base::Seconds{offset};
  sample.delay = base::Seconds{delay};
  return sample;
}

// Which of these round trips are taken; the first ten establish what is usual.
bool takes(const config::Source& source, base::Duration last) {
  Script script(source);
  auto action = script.act(Started{});
  for (int i = 0; i < 10; ++i) action = script.wake(answered(script, action, 10ms + i * 1ms).action).action;
  return answered(script, action, last).sample.has_value();
}

// How many polls of a source that answers like that are waited for, of 30.
template <class Change>
int awaited_polls(const config::Source& source, const Change& change) {
  Script script(source);
  auto action = script.act(Started{});
  int awaited = 0;
  for (int poll = 0; poll < 30; ++poll) {
    const auto& exchange = std::get<Exchange>(action);
    auto header = good_answer(exchange.request, script.now.real);
    change(header, poll);
    const auto datagram = octets_of(header);
    action = script.act(script.reply(datagram, exchange));
    if (const auto* more = std::get_if<Listen>(&action)) {
      script.pass(more->give_up - script.now.mono);
      action = script.act(Silence{});
    }
    awaited += script.report().awaited_until.has_value() ? 1 : 0;
    action = script.wake(action).action;
  }
  return awaited;
}

}  // namespace

TEST_CASE("an association with a filter gives a sample at every third poll, even when the third is silent") {
  auto source = literal();
  source.filter = 3;
  Script script(source);
  auto step = answered(script, script.act(Started{}));
  CHECK_FALSE(step.sample);
  step = answered(script, script.wake(step.action).action);
  CHECK_FALSE(step.sample);
  script.wake(step.action);
  step = script.play(Silence{});
  CHECK(step.sample);
}

TEST_CASE("maxdelayratio, maxdelaydevratio and maxdelayquant keep unusual round trips out") {
  auto source = literal();
  source.max_delay_dev_ratio = 0;
  CHECK(takes(source, 90ms));
  source.max_delay_ratio = 2;
  CHECK(takes(source, 19ms));
  CHECK_FALSE(takes(source, 21ms));
  source.max_delay_ratio = 0;
  source.max_delay_dev_ratio = 3;  // deviation: 2.7 ms
  CHECK(takes(source, 25ms));
  CHECK_FALSE(takes(source, 27ms));
  source.max_delay_dev_ratio = 1e-3;  // does not count beside a quantile
  source.max_delay_quantile = 0.5;
  CHECK(takes(source, 14ms));
  CHECK_FALSE(takes(source, 16ms));
}

TEST_CASE("mindelay takes the place of the smallest delay seen") {
  auto source = literal();
  source.max_delay_dev_ratio = 0;
  source.max_delay_ratio = 2;
  source.min_delay = base::Seconds{0.008};
  CHECK(takes(source, 15ms));
  CHECK_FALSE(takes(source, 17ms));
}

TEST_CASE("with shortest delay and asymmetry of its network told the clock is kept better") {
  const auto rms = [](std::optional<double> asymmetry) {
    simulation::Server server;
    server.jitter = 1e-6;
    server.jitter_back = 2e-3;
    server.options.asymmetry = asymmetry;
    if (asymmetry) server.options.min_delay = base::Seconds{200e-6};
    simulation::World world({}, {server}, {});
    return world.run(6000, 3000).rms;
  };
  CHECK(rms(0.5) < rms({}) / 2);
  CHECK(rms(0.5) < 20e-6);
}

TEST_CASE("minstratum raises a stratum and leaves a higher one") {
  auto source = literal();
  source.min_stratum = {5};
  Script script(source);
  CHECK(answered(script, script.act(Started{})).sample->stratum == base::Stratum{5});
  source.min_stratum = {1};
  Script other(source);
  CHECK(answered(other, other.act(Started{})).sample->stratum == base::Stratum{2});
}

TEST_CASE("a larger polltarget makes for shorter intervals") {
  const auto polls = [](int target) {
    simulation::Server server;
    server.options.poll_target = target;
    server.options.min_poll = {2};
    simulation::World world({}, {server}, {});
    return world.run(8000, 4000).packets;
  };
  CHECK(polls(32) > 2 * polls(8));
}

TEST_CASE("a source keeps as many samples as its own maxsamples says, whatever the others keep") {
  Timekeeper keeper({});
  auto source = literal();
  source.max_samples = 4;
  keeper.add({{1}, source, {}, false});
  keeper.add({{2}, literal(), {}, false});
  base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{5000s}};
  for (int i = 0; i < 10; ++i) {
    now.real += 16s;
    now.mono += 16s;
    for (const std::uint32_t id : {1U, 2U}) {
      auto sample = sample_of(0.001, 0.001);
      sample.time = now.real;
      sample.mono = now.mono;
      static_cast<void>(keeper.update({id}, {}, sample, now));
    }
  }
  CHECK(keeper.statistics({1}, now).samples == 4);
  CHECK(keeper.statistics({2}, now).samples > 4);
}

TEST_CASE("a source beyond maxunreach says so until it answers") {
  auto source = literal();
  source.max_unreach = 2;
  Script script(source);
  auto action = script.act(Started{});
  for (int i = 0; i < 10; ++i) {
    CHECK_FALSE(script.report().unreachable_too_long);
    action = script.wake(script.act(Silence{})).action;
  }
  CHECK(script.report().unreachable_too_long);
  answered(script, action);
  CHECK_FALSE(script.report().unreachable_too_long);
}

TEST_CASE("what is beyond maxunreach is not selected, and says why") {
  Timekeeper keeper({});
  keeper.add({{1}, literal(), {}, false});
  base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{5000s}};
  for (int i = 0; i < 5; ++i) {
    now.real += 16s;
    now.mono += 16s;
    auto sample = sample_of(0.001, 0.001);
    sample.time = now.real;
    sample.mono = now.mono;
    sample.stratum = {2};
    static_cast<void>(keeper.update({1}, {.reach = 1}, sample, now));
  }
  CHECK(keeper.verdicts()[0].reason == Reason::best);
  static_cast<void>(keeper.update({1}, {.reach = 0}, std::nullopt, now));
  CHECK(keeper.verdicts()[0].reason == Reason::best);
  static_cast<void>(keeper.update({1}, {.unreachable_too_long = true}, std::nullopt, now));
  CHECK(keeper.verdicts()[0].reason == Reason::stale);
  static_cast<void>(keeper.update({1}, {}, std::nullopt, now));
  CHECK(keeper.verdicts()[0].reason == Reason::best);
}

namespace {

// What a server says whose clock is ahead of ours by `ahead`, and whose even scale is not.
base::Buffer with_even_scale(const Exchange& exchange, base::RealTime sent, base::Duration ahead,
                             std::uint32_t epoch = 5) {
  const auto header = good_answer(exchange.request, sent, ahead);
  auto octets = octets_of(header);
  const protocol::Extensions said{
      .monotonic = protocol::MonotonicRoot{.receive = base::to_ntp(sent + 5ms), .epoch = epoch}};
  octets.resize(octets.size() + protocol::size_of(said));
  base::ByteWriter writer(base::MutableBytes{octets}.subspan(protocol::header_size));
  protocol::write_extensions(said, writer);
  return octets;
}

Step answered_evenly(Script& script, const Action& action, base::Duration ahead, std::uint32_t epoch = 5) {
  const auto& exchange = std::get<Exchange>(action);
  return script.play(script.reply(with_even_scale(exchange, script.now.real, ahead, epoch), exchange));
}

}  // namespace

TEST_CASE("with extfield F323 a sample says by how much its server has corrected its clock since the last") {
  auto source = literal();
  source.monotonic_root = true;
  Script script(source);
  auto action = script.act(Started{});
  CHECK(std::get<Exchange>(action).request.size() == 48 + 28);
  auto step = answered_evenly(script, action, 0ms);
  CHECK(step.sample->source_moved.count() == 0);
  step = answered_evenly(script, script.wake(step.action).action, 100ms);
  CHECK(step.sample->source_moved.count() == Approx(0.1).margin(1e-8));
  CHECK(step.sample->offset.count() == Approx(0.1).margin(1e-6));
  // A poll without an answer is no loss; another epoch is.
  script.wake(step.action);
  step = answered_evenly(script, script.wake(script.act(Silence{})).action, 150ms);
  CHECK(step.sample->source_moved.count() == Approx(0.05).margin(1e-8));
  step = answered_evenly(script, script.wake(step.action).action, 400ms, 6);
  CHECK(step.sample->source_moved.count() == 0);
}

TEST_CASE("a server without the field, and a request in version 3, are as before") {
  auto source = literal();
  source.monotonic_root = true;
  Script script(source);
  auto step = answered(script, script.act(Started{}));
  REQUIRE(step.sample);
  CHECK(step.sample->source_moved.count() == 0);
  source.version = 3;
  Script older(source);
  CHECK(std::get<Exchange>(older.act(Started{})).request.size() == 48);
}

TEST_CASE("what a filter holds is moved along with its server's clock") {
  auto source = literal();
  source.monotonic_root = true;
  source.filter = 2;
  Script script(source);
  auto step = answered_evenly(script, script.act(Started{}), 0ms);
  step = answered_evenly(script, script.wake(step.action).action, 100ms);
  REQUIRE(step.sample);
  CHECK(step.sample->offset.count() == Approx(0.1).margin(1e-6));
}

TEST_CASE("a source that has corrected its clock is followed at once, and the frequency stays") {
  Timekeeper keeper({});
  keeper.add({{1}, literal(), {}, false});
  base::Now now{base::RealTime{1'800'000'000s}, base::MonoTime{5000s}};
  const auto give = [&](double offset, double moved) {
    now.real += 16s;
    now.mono += 16s;
    auto sample = sample_of(offset, 0.001);
    sample.time = now.real;
    sample.mono = now.mono;
    sample.stratum = {2};
    sample.dispersion = base::Seconds{1e-6};
    sample.source_moved = base::Seconds{moved};
    return keeper.update({1}, {.reach = 1}, sample, now);
  };
  for (int i = 0; i < 20; ++i) static_cast<void>(give(i % 2 == 0 ? 1e-5 : -1e-5, 0));
  const double before = keeper.frequency();
  CHECK(give(0.1, 0.1).correction.value_or(base::Seconds{0}).count() == Approx(0.1).margin(1e-3));
  CHECK(keeper.frequency() == Approx(before).margin(1e-6));
  CHECK(keeper.statistics({1}, now).samples > 15);
}

TEST_CASE("others wait for the samples that selection needs, and not for answers that are none") {
  auto source = plain_source();
  source.iburst = GENERATE(true, false);
  const auto good = [](protocol::Header&, int) {};
  const auto late = [](protocol::Header& h, int) { h.transmit = h.transmit + base::Seconds{5}; };
  const auto sometimes = [&late](protocol::Header& h, int poll) {
    if (poll % 2 == 0) late(h, poll);
  };
  const auto refuses = [](protocol::Header& h, int) {
    h.stratum = 0;
    h.reference_id = {0x52415445};  // RATE
  };
  CHECK(awaited_polls(source, good) == 2);  // the third sample is there
  CHECK(awaited_polls(source, late) == 3);
  CHECK(awaited_polls(source, sometimes) <= 5);
  CHECK(awaited_polls(source, refuses) <= 3);
  source.max_delay = base::Seconds{1e-3};  // of a way of 10 ms
  CHECK(awaited_polls(source, good) == 3);
  source.max_delay = base::Seconds{3};
  source.filter = 5;
  CHECK(awaited_polls(source, good) == 14);
}

TEST_CASE("others learn when a source may have the samples that selection needs") {
  auto source = plain_source();
  const auto ready_in = [&source](int answers) {
    Script script(source);
    auto action = script.act(Started{});
    for (int i = 0; i < answers; ++i) action = script.wake(answer(script, action).action).action;
    const auto at = script.report().ready_at;
    return at ? std::chrono::round<std::chrono::seconds>(*at - script.now.mono) : -1s;
  };
  CHECK(ready_in(0) == 128s);
  CHECK(ready_in(1) == 64s);
  CHECK(ready_in(2) == 0s);
  CHECK(ready_in(3) == -1s);
  source.iburst = true;
  CHECK(ready_in(0) == 4s);
  CHECK(ready_in(1) == 2s);
  source.filter = 2;  // the last two come after the burst
  CHECK(ready_in(0) == 6s + 4s + 8s);
  CHECK(ready_in(4) == 8s);
  source.iburst = false;
  source.min_poll = {1};
  CHECK(ready_in(0) == 10s);
}

TEST_CASE("a source of which one sample is enough for selection is waited for from its first poll on") {
  auto source = plain_source();
  EngineContext context;
  const bool by_option = GENERATE(true, false);
  if (by_option)
    source.max_samples = 1;
  else
    context.max_samples = 1;
  Script script(source, context);
  auto action = script.act(Started{});
  CHECK(script.report().ready_at == script.now.mono);
  CHECK(script.report().awaited_until);
  action = answer(script, action).action;
  CHECK_FALSE(script.report().awaited_until);
}

TEST_CASE("once the clock is set from outside its sources are waited for again, as long as before") {
  Script script(plain_source());
  auto action = script.act(Started{});
  for (int poll = 0; poll < 5; ++poll) action = script.wake(answer(script, action).action).action;
  CHECK_FALSE(script.report().awaited_until);
  action = script.act(Interrupt{InterruptKind::clock_stepped});
  CHECK(script.report().awaited_until);
  if (std::holds_alternative<Wait>(action)) action = script.wake(action).action;
  for (int poll = 0; poll < 3; ++poll) action = script.wake(answer(script, action).action).action;
  CHECK_FALSE(script.report().awaited_until);
}

TEST_CASE(
    "with `burst` a request follows a long round trip soon, up to three times, and a short one ends that") {
  auto source = plain_source();
  source.burst = true;
  Script script(source);
  Step step = answered(script, script.act(Started{}), 10ms);
  for (int i = 0; i < 9; ++i)
    step = answered(script, script.wake(step.action).action, i % 2 == 0 ? 12ms : 10ms);
  for (int i = 0; i < 4; ++i) CHECK_FALSE(script.association.advise({.best = 10}));
  CHECK(script.wait_of(step.action) > 60s);
  // As most are long, they must not become the usual ones.
  for (int poll = 0; poll < 3; ++poll) {
    step = script.wake(step.action);
    for (int i = 0; i < 3; ++i) {
      INFO(poll << ' ' << i);
      step = answered(script, step.action, 200ms);
      CHECK(script.wait_of(step.action) == 1800ms);
      step = script.wake(step.action);
    }
    step = answered(script, step.action, 200ms);
    CHECK(script.wait_of(step.action) > 60s);
    step = answered(script, script.wake(step.action).action, 200ms);
    CHECK(script.wait_of(step.action) == 1800ms);
    step = answered(script, script.wake(step.action).action, 11ms);
    CHECK(script.wait_of(step.action) > 60s);
  }
}

}  // namespace gnomon::testing
