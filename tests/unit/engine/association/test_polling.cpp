// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/association/script.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("the poll interval wanders by a few percent around 64 s") {
  Script script(plain_source());
  const auto step = answer(script, script.act(Started{}));
  const auto wait = base::to_seconds(script.wait_of(step.action)).count();
  CHECK(wait > 64 * 0.97);
  CHECK(wait < 64 * 1.03);
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
  script.association.advise({.best = 7});
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
    script.association.advise({.best = 3});
    step = script.wake(step.action);
  }
  if (known) script.association.advise({.best = 6});
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
