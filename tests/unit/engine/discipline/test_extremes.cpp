// SPDX-License-Identifier: GPL-2.0-or-later
// Samples that can be parsed and are nothing like a clock's, and directives at the ends of their ranges:
// nothing may end the daemon, and whatever comes out is a number that the clock helper takes.
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "daemon/core/engine/text/messages.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/engine/discipline/hand.hpp"

namespace gnomon::testing {

namespace {

constexpr std::uint32_t most_sources = 3;
constexpr double longest_command = 100000;  // s
constexpr double kernel_limit = 100000;     // ppm

template <class T>
T one_of(std::mt19937_64& random, const std::vector<T>& values) {
  return values[random() % values.size()];
}

bool is_number(double value) {
  return std::isfinite(value);
}

// Decisions are carried out by a clock that is as odd as its sources.
class OddWorld {
 public:
  OddWorld(const TimekeeperSettings& settings, std::uint64_t seed)
      : settings_(settings), random_(seed), timekeeper_(settings) {
    for (std::uint32_t i = 1; i <= most_sources; ++i) {
      config::Source source;
      source.name = "ntp.example";
      source.poll_target = one_of<int>(random_, {1, 8, 60000});
      source.min_samples = one_of<int>(random_, {1, 6, 64});
      source.max_samples = one_of<int>(random_, {0, 1, 8, 64});
      const auto address = *base::parse_address("192.0.2." + std::to_string(i));
      timekeeper_.add({base::SourceId{i}, source, address, false});
      apply(timekeeper_.update(base::SourceId{i}, {0xff}, {}, now_));
    }
  }
  void live() {
    pass(one_of<base::Duration>(random_, {0ns, 1ns, 1us, 1s, 2s, 64s, 10h, -1s, -1h}));
    const base::SourceId id{1 + static_cast<std::uint32_t>(random_() % most_sources)};
    switch (random_() % 16) {
      case 0:
        return apply(timekeeper_.on_tick(now_));
      case 1:
        return jump();
      case 2:
        return command();
      case 3:
        return enter();
      case 4:
        return apply(timekeeper_.update(id, {0, random_() % 2 == 0}, {}, now_));
      default:
        for (int i = 0; i < 3; ++i) {  // close together, so that a source is selected
          pass(one_of<base::Duration>(random_, {1ns, 1us, 2s}));
          apply(timekeeper_.update(id, {0xff}, odd_sample(), now_));
        }
    }
  }
  void check() {
    const auto t = timekeeper_.tracking(now_);
    CHECK((is_number(t.system_time.count()) && is_number(t.last_offset.count())));
    CHECK((is_number(t.rms_offset.count()) && is_number(t.frequency.value)));
    CHECK((is_number(t.residual_frequency.value) && is_number(t.skew.value)));
    CHECK((is_number(t.root_delay.count()) && is_number(t.root_dispersion.count())));
    const auto view = timekeeper_.server_view(now_);
    CHECK((is_number(view.dispersion_rate) && is_number(view.served.offset(now_.real).count())));
    for (std::uint32_t i = 1; i <= most_sources; ++i) check_source(base::SourceId{i});
    for (const auto& entry : timekeeper_.manual_entries()) CHECK(is_number(entry.residual.count()));
    const auto drift = timekeeper_.drift();
    CHECK((std::fabs(drift.frequency.value) <= kernel_limit && drift.skew.value > 0));
  }

 private:
  void check_source(base::SourceId id) {
    const auto s = timekeeper_.statistics(id, now_);
    CHECK((is_number(s.skew.value) && s.skew.value >= 0 && is_number(s.residual_frequency.value)));
    CHECK((is_number(s.standard_deviation.count()) && is_number(s.estimated_offset.count())));
    CHECK(is_number(timekeeper_.poll_advice(id).value_or(PollAdvice{}).best));
    if (const auto dump = timekeeper_.history(id, now_)) CHECK_FALSE(to_text(*dump).empty());
  }
  void pass(base::Duration time) {
    now_.real += time;
    now_.mono += time;
  }
  Sample odd_sample() {
    Sample s = sample(now_, one_of<double>(random_, {0, 1e-9, -1e-6, 0.5, -40, 1e9, -1e9}));
    s.time += one_of<base::Duration>(random_, {0s, 0s, -1h, 1h});
    s.delay = base::Seconds{one_of<double>(random_, {0, 1e-9, 1e-3, 1e-3, 3, 1e6})};
    s.dispersion = base::Seconds{one_of<double>(random_, {0, 1e-9, 1e-3, 16})};
    s.root_delay = base::Seconds{one_of<double>(random_, {0, 1e-3, 65535})};
    s.root_dispersion = base::Seconds{one_of<double>(random_, {0, 1e-3, 65535})};
    s.stratum = {one_of<std::uint8_t>(random_, {1, 15, 16})};
    return s;
  }
  void jump() {
    const auto by = one_of<base::Duration>(random_, {1s, -1s, 8h, -8h});
    now_.real += by;
    apply(timekeeper_.on_clock_jumped(by, now_, by > 1s ? by : 0s));
  }
  void command() {
    const std::vector<OperatorCommand> commands{CorrectNow{},
                                                AddFrequency{{1e300}},
                                                AddFrequency{{-5}},
                                                AddOffset{base::Seconds{1e300}},
                                                AddOffset{base::Seconds{-1e-9}},
                                                AllowSteps{{base::Seconds{}, -1}},
                                                SelectAnew{},
                                                SetReselectDistance{base::Seconds{0}},
                                                LimitUpdateSkew{{0}}};
    if (auto done = timekeeper_.apply(one_of(random_, commands), now_)) apply(*done);
  }
  void enter() {
    const auto time = now_.real + one_of<base::Duration>(random_, {0s, 1ns, 1h, -500000h});
    if (auto done = timekeeper_.enter_time(time, now_)) apply(done->decisions);
  }
  void apply(const Decisions& decisions) {
    if (decisions.measured_offset) CHECK(is_number(decisions.measured_offset->count()));
    for (const auto& note : decisions.notes) CHECK_FALSE(message_for(note).text.contains(" nan"));
    for (const auto& command : decisions.commands) {
      if (const auto* rate = std::get_if<SetRate>(&command)) set(*rate);
      if (const auto* step = std::get_if<StepClock>(&command)) set(*step);
      if (const auto* status = std::get_if<ReportStatus>(&command))
        CHECK((status->max_error >= 0s && status->max_error <= 16s && status->estimated_error >= 0s));
    }
  }
  void set(const SetRate& rate) {
    CHECK(std::fabs(rate.frequency.value) <= std::min(settings_.clock.max_drift.value, kernel_limit) + 1e-6);
    CHECK(std::fabs(rate.slew.value) <= std::min(settings_.clock.max_slew_rate.value, kernel_limit) + 1e-6);
    const double seconds = base::to_seconds(rate.duration).count();
    CHECK((seconds >= 0 && seconds <= longest_command));
    const double ratio = std::clamp(rate.frequency.ratio() + rate.slew.ratio(), -0.1, 0.1);
    apply(timekeeper_.on_clock_changed({now_.real, ratio, {}}, now_));
  }
  void set(const StepClock& step) {
    // A clock far from this century is not set.
    const auto at = now_.real + step.offset;
    const bool possible = at > base::RealTime{} && at < base::RealTime{7'000'000'000s};
    if (!possible || random_() % 4 == 0) return apply(timekeeper_.on_step_refused(now_));
    now_.real = at;
    apply(timekeeper_.on_clock_changed({now_.real, 0, step.offset}, now_));
  }

  TimekeeperSettings settings_;
  std::mt19937_64 random_;
  Timekeeper timekeeper_;
  base::Now now_{base::RealTime{1'800'000'000s}, base::MonoTime{1'000'000s}};
};

TimekeeperSettings odd_settings(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  TimekeeperSettings s;
  s.manual = true;
  s.set_once = random() % 8 == 0;
  s.clock_precision = base::Seconds{one_of<double>(random, {1e-9, 1e-7, 1e-3, 1})};
  const std::vector<double> usual_and_ends{0, 1e-300, 1, 1e5, 1e308};
  s.clock.max_drift = base::Ppm{one_of(random, usual_and_ends)};
  s.clock.max_slew_rate = base::Ppm{one_of(random, usual_and_ends)};
  s.clock.max_update_skew = base::Ppm{one_of(random, usual_and_ends)};
  s.clock.max_clock_error = base::Ppm{one_of<double>(random, {0, 1, 1e6, 1e100})};
  s.clock.corr_time_ratio = one_of(random, usual_and_ends);
  s.clock.fallback_drift = config::FallbackSpans{{1}, {30}};
  if (random() % 2 == 0)
    s.clock.make_step = config::MakeStep{base::Seconds{one_of<double>(random, {-1, 0, 1e-300, 1, 1e308})},
                                         one_of<int>(random, {-1, 0, 3, 2147483647})};
  if (random() % 4 == 0)
    s.clock.max_change = config::MaxChange{base::Seconds{one_of(random, usual_and_ends)}, 1, -1, false};
  if (random() % 2 == 0) s.drift = DriftFile{{one_of<double>(random, {0, -5e5, 5e5})}, {1e-300}};
  s.selection.max_distance = base::Seconds{one_of<double>(random, {3, 1e308})};
  s.selection.max_jitter = base::Seconds{one_of<double>(random, {1, 1e308})};
  s.selection.combine_limit = one_of(random, usual_and_ends);
  s.selection.reselect_distance = base::Seconds{one_of(random, usual_and_ends)};
  if (random() % 2 == 0)
    s.smooth_time = config::SmoothTime{.max_frequency = {one_of(random, usual_and_ends)},
                                       .max_wander = {one_of(random, usual_and_ends)}};
  return s;
}

}  // namespace

TEST_CASE("whatever can be parsed, the timekeeper's numbers stay numbers and its commands possible") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    OddWorld world(odd_settings(seed), seed);
    for (int i = 0; i < 60; ++i) {
      world.live();
      world.check();
    }
  }
}

TEST_CASE("three times by hand within seconds, and clocks that count in milliseconds") {
  for (const double precision : {1e-9, 1e-3, 1.0}) {
    TimekeeperSettings s;
    s.manual = true;
    s.clock_precision = base::Seconds{precision};
    Hand hand(s);
    for (int i = 0; i < 3; ++i) {
      hand.now.real += 2s;
      hand.now.mono += 2s;
      CHECK(hand.timekeeper.enter_time(hand.now.real, hand.now));
    }
    for (int i = 0; i < 8; ++i) static_cast<void>(hand.give(0, 10ms));
    CHECK(hand.timekeeper.statistics(base::SourceId{1}, hand.now).skew.value > 0);
  }
}

TEST_CASE("a duration is never beyond what can be added to a time") {
  CHECK(base::to_duration(base::Seconds{1e300}) + base::RealTime{4'000'000'000s}.time_since_epoch() > 0s);
  CHECK(base::to_duration(base::Seconds{-1e300}) < -base::Duration{1'000'000h});
  CHECK(base::to_duration(base::Seconds{std::nan("")}) == 0s);
}

}  // namespace gnomon::testing
