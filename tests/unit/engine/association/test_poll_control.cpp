// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/poll_control.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr base::MonoTime start{5000s};
constexpr double no_wander = 0.5;

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

}  // namespace

TEST_CASE("several questions a second are put to near servers only") {
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
  CHECK(poll.timeout() == 8s);
  poll.advise(1);
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

TEST_CASE("the interval wanders by two percent either way") {
  PollControl poll(polled(6, 6), false);
  poll.started(start);
  poll.ended(ExchangeResult::good, start, 0);
  CHECK(poll.next() - start == 62'720ms);
  poll.ended(ExchangeResult::good, start, 1);
  CHECK(poll.next() - start == 65'280ms);
}

TEST_CASE("a burst on order ends after the good answers wanted, or after all its exchanges") {
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
  poll.advise(1);
  poll.advise(1);
  poll.started(start);
  poll.ended(ExchangeResult::silent, start, no_wander);
  CHECK(poll.in_burst());
  CHECK(poll.next() - start == 2s);
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
  poll.advise(1);
  CHECK(poll.poll() == base::PollExponent{5});
  poll.set_minimum({12});
  CHECK(poll.poll() == base::PollExponent{12});
}

TEST_CASE("a poll is hastened, but not below minpoll") {
  PollControl poll(polled(6, 10), false);
  for (int i = 0; i < 4; ++i) poll.advise(1);
  CHECK(pause_after(poll) == 1024s);
  poll.hasten(start + 10s);
  CHECK(poll.next() == start + 64s);
  poll.hasten(start + 100s);
  CHECK(poll.next() == start + 64s);
}

}  // namespace gnomon::testing
