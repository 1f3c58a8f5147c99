// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/poll_control.hpp"

#include <chrono>
#include <limits>

#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr base::MonoTime start{5000s};
constexpr double no_wander = 0;

config::Source polled(int least, int most) {
  config::Source source;
  source.min_poll = {static_cast<std::int8_t>(least)};
  source.max_poll = {static_cast<std::int8_t>(most)};
  return source;
}

// The pause that follows one good exchange which took no time.
base::Duration pause_after(PollControl& poll) {
  poll.started(start);
  poll.ended(ExchangeResult::good, start, no_wander);
  return poll.next() - start;
}

// One step: a longer interval is taken when it has been advised twice.
void lengthen(PollControl& poll) {
  for (int i = 0; i < 2; ++i) poll.approach(poll.poll().value + 1.0);
}

}  // namespace

TEST_CASE("only near servers get several requests a second") {
  PollControl poll(polled(-6, 0), false);
  CHECK(poll.poll() == base::PollExponent{0});  // nothing known of the delay
  CHECK(pause_after(poll) == 1s);
  poll.set_delay(base::Seconds{0.0099});
  CHECK(poll.poll() == base::PollExponent{-6});
  CHECK(pause_after(poll) == 15'625'000ns);
  poll.set_delay(base::Seconds{0.01});
  CHECK(pause_after(poll) == 1s);
}

TEST_CASE("a near server is waited for no longer than until the next poll, and never less than 50 ms") {
  PollControl poll(polled(-2, 0), false);
  CHECK(poll.timeout() == 1s);
  poll.set_delay(base::Seconds{0.001});
  CHECK(poll.timeout() == 250ms);
  PollControl quicker(polled(-7, 0), false);
  quicker.set_delay(base::Seconds{0.001});
  CHECK(quicker.timeout() == 50ms);
}

TEST_CASE("the burst of a source with a negative minpoll is no quicker than its polls may be") {
  auto source = polled(-4, 0);
  source.iburst = true;
  PollControl poll(source, false);
  poll.begin(start);
  CHECK(pause_after(poll) == 250ms);
  poll.set_delay(base::Seconds{0.001});
  CHECK(pause_after(poll) == 15'625'000ns);
}

TEST_CASE("the longest interval is 194 days and nothing overflows on the way") {
  PollControl poll(polled(24, 24), false);
  CHECK(pause_after(poll) == std::chrono::seconds{1 << 24});
  CHECK(poll.timeout() == 16s);
  lengthen(poll);
  poll.slow_down(start, no_wander);
  CHECK(poll.poll() == base::PollExponent{24});
  CHECK(poll.next() - start == std::chrono::seconds{1 << 24});
}

TEST_CASE("a minpoll above 17 is kept, even after RATE") {
  PollControl poll(polled(19, 20), false);
  CHECK(pause_after(poll) == std::chrono::seconds{1 << 19});
  poll.slow_down(start, no_wander);
  CHECK(poll.poll() == base::PollExponent{20});
  poll.slow_down(start, no_wander);
  CHECK(poll.poll() == base::PollExponent{20});
}

TEST_CASE("the interval is spread over two percent and never shorter than its exponent says") {
  PollControl poll(polled(6, 6), false);
  poll.started(start);
  poll.ended(ExchangeResult::good, start, 0);
  CHECK(poll.next() - start == 64s);
  poll.ended(ExchangeResult::good, start, 1);
  CHECK(poll.next() - start == 65'280ms);
}

TEST_CASE("a burst on command ends after the good answers wanted, or after all its exchanges") {
  PollControl poll(polled(6, 10), false);
  poll.begin_burst(start, 2, 5);
  CHECK(pause_after(poll) == 2s);
  CHECK(poll.in_burst());
  pause_after(poll);
  CHECK_FALSE(poll.in_burst());
  poll.begin_burst(start, 2, 3);
  for (int i = 0; i < 3; ++i) {
    CHECK(poll.in_burst());
    poll.started(start);
    poll.ended(ExchangeResult::silent, start, no_wander);
  }
  CHECK_FALSE(poll.in_burst());
}

TEST_CASE("the burst option asks again at once when the measurement was not good and the interval is long") {
  auto source = polled(6, 10);
  source.burst = true;
  PollControl poll(source, false);
  lengthen(poll);
  lengthen(poll);
  poll.started(start);
  poll.ended(ExchangeResult::silent, start, no_wander);
  CHECK(poll.in_burst());
  CHECK(poll.next() - start == 2s);
  // Up to three times, and then not before the next poll.
  for (int i = 0; i < 3; ++i) {
    CHECK(poll.next() - start == 2s);
    poll.started(start);
    poll.ended(ExchangeResult::silent, start, no_wander);
  }
  CHECK_FALSE(poll.in_burst());
  CHECK(poll.next() - start == 256s);
  PollControl shortest(source, false);
  shortest.started(start);
  shortest.ended(ExchangeResult::silent, start, no_wander);
  CHECK_FALSE(shortest.in_burst());
}

TEST_CASE("limits changed by command take the interval along") {
  PollControl poll(polled(6, 10), false);
  poll.set_minimum({8});
  CHECK(poll.poll() == base::PollExponent{8});
  poll.set_maximum({5});
  CHECK(poll.poll() == base::PollExponent{5});
  lengthen(poll);
  CHECK(poll.poll() == base::PollExponent{5});
  poll.set_minimum({12});
  CHECK(poll.poll() == base::PollExponent{12});
}

TEST_CASE("an interval that may be far longer is so when that was said twice, a shorter one step by step") {
  PollControl poll(polled(6, 10), false);
  poll.approach(9.4);
  CHECK(poll.poll() == base::PollExponent{6});
  poll.approach(9.4);
  CHECK(poll.poll() == base::PollExponent{9});
  poll.approach(9.9);
  poll.approach(9.9);
  CHECK(poll.poll() == base::PollExponent{10});
  poll.approach(7);
  CHECK(poll.poll() == base::PollExponent{9});
}

TEST_CASE("a source that is to be measured from the start is asked as often as may be") {
  PollControl poll(polled(6, 10), false);
  for (int i = 0; i < 4; ++i) lengthen(poll);
  CHECK(pause_after(poll) == 1024s);
  poll.restart(start + 10s);
  CHECK(poll.next() == start + 64s);
  CHECK(pause_after(poll) == 64s);
}

TEST_CASE("an interval that is the shortest already keeps its spread") {
  PollControl poll(polled(6, 10), false);
  poll.started(start);
  poll.ended(ExchangeResult::good, start, 1);
  poll.approach(3);
  CHECK(poll.next() - start == 65'280ms);
}

TEST_CASE("a poll is hastened, but not below minpoll") {
  PollControl poll(polled(6, 10), false);
  for (int i = 0; i < 4; ++i) lengthen(poll);
  CHECK(pause_after(poll) == 1024s);
  poll.hasten(start + 10s);
  CHECK(poll.next() == start + 64s);
  poll.hasten(start + 100s);
  CHECK(poll.next() == start + 64s);
}

// --- as an association shows it

TEST_CASE("the poll interval is 64 s and up to two percent more") {
  Script script(plain_source());
  const auto step = answer(script, script.act(Started{}));
  const auto wait = base::to_seconds(script.wait_of(step.action)).count();
  CHECK(wait >= 64 - 0.01);  // the exchange took 10 ms
  CHECK(wait < 64 * 1.02);
}

TEST_CASE("iburst makes four good samples two seconds apart") {
  auto source = plain_source();
  source.iburst = true;
  Script script(source);
  Step step = script.play(Started{});
  for (int i = 0; i < 3; ++i) {
    step = answer(script, step.action);
    REQUIRE(step.sample);
    CHECK(script.wait_of(step.action) == 2s - 10ms);
    step = script.wake(step.action);
  }
  CHECK_FALSE(script.association.advise({.best = 7}));
  step = answer(script, step.action);
  CHECK(script.wait_of(step.action) > 60s);
}

TEST_CASE("after an iburst the intervals double until they are the usual ones or the frequency is known") {
  auto source = plain_source();
  source.iburst = true;
  const bool known = GENERATE(false, true);
  Script script(source);
  Step step = script.play(Started{});
  for (int i = 0; i < 3; ++i) step = script.wake(answer(script, step.action).action);
  for (const auto interval : {4s, 8s, 16s}) {
    step = answer(script, step.action);
    CHECK(script.wait_of(step.action) == interval - 10ms);
    static_cast<void>(script.association.advise({.best = 3}));
    step = script.wake(step.action);
  }
  if (known) CHECK_FALSE(script.association.advise({.best = 6}));
  step = answer(script, step.action);
  CHECK(script.wait_of(step.action) > (known ? 60s : 31s));
  CHECK(script.wait_of(step.action) < (known ? 68s : 33s));
}

TEST_CASE("while the intervals still double, a lost packet does not lengthen them") {
  auto source = plain_source();
  source.iburst = true;
  Script script(source);
  Step step = script.play(Started{});
  for (int i = 0; i < 4; ++i) step = script.wake(answer(script, step.action).action);
  const auto give_up = std::get<Exchange>(step.action).give_up - script.now.mono;
  script.pass(give_up);
  step = script.play(Silence{});
  CHECK(script.wait_of(step.action) == 4s - give_up);
}

TEST_CASE("a source that is polled quickly makes its iburst quickly too") {
  auto source = plain_source();
  source.iburst = true;
  source.min_poll = base::PollExponent{0};
  Script script(source);
  const auto step = answer(script, script.act(Started{}));
  CHECK(script.wait_of(step.action) == 250ms - 10ms);
}

TEST_CASE("the last of more exchanges than anybody waits for is far away, and found at once") {
  const int least = GENERATE(-7, 6, 24);
  auto source = polled(least, 24);
  source.iburst = GENERATE(true, false);
  PollControl poll(source, false);
  if (GENERATE(true, false)) poll.set_delay(base::Seconds{1e-3});
  poll.begin(start);
  CHECK(poll.last_of(1, start) == start);
  CHECK(poll.last_of(3ULL * std::numeric_limits<int>::max(), start) - start >= 1h);
}

TEST_CASE("an unanswered iburst ends after eight exchanges") {
  auto source = plain_source();
  source.iburst = true;
  Script script(source);
  Step step = script.play(Started{});
  int asked = 0;
  while (std::holds_alternative<Exchange>(step.action)) {
    ++asked;
    script.pass(std::get<Exchange>(step.action).give_up - script.now.mono);
    step = script.play(Silence{});
    if (std::holds_alternative<Wait>(step.action) && script.wait_of(step.action) < 3s)
      step = script.wake(step.action);
  }
  CHECK(asked == 8);
  CHECK(script.report().reach == 0);
}

TEST_CASE("when the interval becomes shorter the exchange already waited for comes earlier") {
  auto source = plain_source();
  source.max_poll = base::PollExponent{10};
  Script script(source);
  Step step = script.play(Started{});
  for (int i = 0; i < 8; ++i) {
    step = answer(script, step.action);
    CHECK_FALSE(script.association.advise({.best = 10}));
    step = script.wake(step.action);
  }
  step = answer(script, step.action);
  REQUIRE(script.wait_of(step.action) > 900s);
  CHECK(script.association.advise({.best = 5}));
  CHECK(script.wait_of(script.act(Interrupt{InterruptKind::advised})) < 68s);
}

TEST_CASE("a source that is back after a long silence is asked as often as it may be") {
  auto source = plain_source();
  source.max_poll = base::PollExponent{10};
  Script script(source);
  Step step = script.play(Started{});
  for (int i = 0; i < 40; ++i) {
    script.pass(std::get<Exchange>(step.action).give_up - script.now.mono);
    step = script.wake(script.act(Silence{}));
  }
  CHECK(script.report().poll.value == 10);
  step = answer(script, step.action);
  CHECK(script.report().poll.value == 6);
}

}  // namespace gnomon::testing
