// SPDX-License-Identifier: GPL-2.0-or-later
// How far honest daemons turn the clock after their first correction, against what gnomon-clock lets them.
#include <algorithm>
#include <cstdio>
#include <string>

#include "helpers/clock/turned.hpp"
#include "tests/sim/play.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace simulation;

namespace {

// Nobody may need more than half of what is allowed.
constexpr double hour_margin = clock::most_an_hour / 2;
constexpr double day_margin = clock::most_a_day / 2;

struct Use {
  double hour = 0;
  double day = 0;
  bool counted = false;
};

// What the helper would have counted.
class Accountant {
 public:
  void advance(double at) {
    mono_ += base::to_duration(base::Seconds{(at - at_) * (1 + rate_)});
    at_ = at;
    turned_.advance(
        {base::RealTime{base::Duration{1'800'000'000'000'000'000} + mono_ + stepped_}, base::MonoTime{mono_}},
        {});
    if (!turned_.counts()) return;
    use_ = {std::max(use_.hour, turned_.within_hour()), std::max(use_.day, turned_.within_day()), true};
  }
  void take(const Trace::Turn& turn) {
    advance(turn.at);
    const auto step = base::to_duration(base::Seconds{turn.step});
    if (turn.step != 0) turned_.stepped(step, true);
    stepped_ += step;
    turned_.runs_at(turn.rate, turn.base, turn.gain);
    rate_ = turn.rate;
  }
  [[nodiscard]] const Use& use() const { return use_; }

 private:
  clock::TurnedState state_;
  clock::Turned turned_{state_};
  base::Duration mono_ = std::chrono::seconds{1000};
  base::Duration stepped_{};
  double at_ = 0;
  double rate_ = 0;
  Use use_;
};

Use use_of(const Trace& trace, double until) {
  Accountant accountant;
  for (const auto& turn : trace.turns) accountant.take(turn);
  accountant.advance(until);
  return accountant.use();
}

const char* name_of(Polling polling) {
  return polling == Polling::by_default ? "default" : polling == Polling::every_64_s ? "64 s" : "1024 s";
}

void check(const std::string& name, const Use& use, Use& most) {
  INFO(name << ": " << use.hour << " s within an hour, " << use.day << " s within a day");
  CHECK(use.counted);
  CHECK(use.hour < hour_margin);
  CHECK(use.day < day_margin);
  most = {std::max(most.hour, use.hour), std::max(most.day, use.day), true};
}

}  // namespace

TEST_CASE("no scenario needs half of what the clock may be turned by") {
  Use most;
  std::string first;
  for (const auto& scenario : scenarios())
    for (const auto polling : {Polling::by_default, Polling::every_64_s, Polling::every_1024_s}) {
      Trace trace;
      static_cast<void>(play(scenario, polling, 1, Start::cold, &trace));
      const auto before = most.day;
      check(scenario.name + ", " + name_of(polling), use_of(trace, scenario.until), most);
      if (most.day > before) first = scenario.name;
    }
  std::printf("scenarios: at most %.4f s within an hour, %.4f s within a day (%s)\n", most.hour, most.day,
              first.c_str());
}

TEST_CASE("clocks that are far off, and sources that are lost for a day, need no more either") {
  Use most;
  for (const double frequency : {0.05, -0.09, 499e-6})
    for (const int poll : {6, 10}) {
      Oscillator oscillator;
      oscillator.frequency = frequency;
      oscillator.offset = 1000;
      oscillator.swing = 2e-6;  // by day and night
      oscillator.swing_period = 86400;
      ServerModel model;
      model.delay = 20e-3;
      model.jitter = 5e-3;
      Server server{model, {}};
      server.options.min_poll = {static_cast<std::int8_t>(poll)};
      server.options.max_poll = {10};
      engine::TimekeeperSettings settings;
      settings.clock.make_step = config::MakeStep{base::Seconds{1}, 3};
      World world(oscillator, {server}, settings, 1);
      Trace trace;
      world.record(trace);
      static_cast<void>(world.run(90'000, 0));
      auto lost = model;
      lost.loss = 1;
      world.change_server(0, lost);
      static_cast<void>(world.run(180'000, 0));
      world.change_server(0, model);
      static_cast<void>(world.run(220'000, 0));
      check(std::to_string(frequency) + ", poll " + std::to_string(poll), use_of(trace, 220'000), most);
    }
  std::printf("far off, and a day without sources: at most %.4f s within an hour, %.4f s within a day\n",
              most.hour, most.day);
}

}  // namespace gnomon::testing
