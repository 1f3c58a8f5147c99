// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/timekeeper_settings.hpp"

#include <algorithm>
#include <limits>

namespace gnomon::engine {

namespace {

// The frequency of a clock never measured lies within a few hundred ppm; a drift file knows better, but the
// clock may have been colder when it was written.
double frequency_deviation(const TimekeeperSettings& s) {
  constexpr double unknown = 200e-6;
  constexpr double since_written = 1e-6;
  if (!s.drift) return unknown;
  return std::clamp(s.drift->skew.ratio(), since_written, unknown);
}

}  // namespace

double first_frequency(const TimekeeperSettings& s) {
  const double limit = largest_frequency(s.clock);
  return std::clamp(s.drift ? s.drift->rate() : s.initial_rate, -limit, limit);
}

JointEstimator::Prior prior_of(const TimekeeperSettings& s) {
  return {first_frequency(s), frequency_deviation(s), s.clock.max_drift.ratio()};
}

Discipline::Settings discipline_settings(const TimekeeperSettings& s) {
  Discipline::Settings d;
  d.clock = s.clock;
  // Who runs once says how wrong the clock is in any case, and once.
  d.log_change = s.one_shot ? base::Seconds{std::numeric_limits<double>::infinity()} : s.log_change;
  d.steer = s.steer;
  d.no_start_adjustments = s.no_start_adjustments;
  d.set_once = s.set_once;
  d.initial_frequency = first_frequency(s);
  if (s.corrects_initially) d.initial_step = s.clock.init_step_slew->threshold;
  // Less is known than without a file: impossible.
  if (s.drift) d.initial_skew = std::clamp(s.drift->skew.ratio(), 1e-10, d.initial_skew);
  return d;
}

int max_samples_of(const config::Source& source, const config::SelectionSettings& settings) {
  const int most = source.max_samples.value_or(settings.max_samples);
  return most <= 0 ? 64 : std::min(most, 64);
}

RegressionLimits limits_of(const config::Source& source, const TimekeeperSettings& s) {
  RegressionLimits limits;
  limits.min_samples = source.min_samples.value_or(s.selection.min_samples);
  limits.max_samples = max_samples_of(source, s.selection);
  limits.precision = s.clock_precision;
  limits.asymmetry = source.asymmetry.value_or(0);
  limits.shortest = std::max(source.min_delay, base::Seconds{0});
  return limits;
}

namespace {

template <class Settings, class... Members>
void take(Settings& into, const Settings& before, const Settings& now, Members... members) {
  const auto take_one = [&](auto member) {
    if (before.*member != now.*member) into.*member = now.*member;
  };
  (take_one(members), ...);
}

}  // namespace

void retune(config::ClockSettings& clock, const Tuning& before, const Tuning& now) {
  using config::ClockSettings;
  take(clock, before.clock, now.clock, &ClockSettings::make_step, &ClockSettings::max_update_skew,
       &ClockSettings::max_clock_error, &ClockSettings::corr_time_ratio);
}

void retune(config::SelectionSettings& selection, const Tuning& before, const Tuning& now) {
  using config::SelectionSettings;
  take(selection, before.selection, now.selection, &SelectionSettings::auth_select_mode,
       &SelectionSettings::combine_limit, &SelectionSettings::max_distance, &SelectionSettings::max_jitter,
       &SelectionSettings::max_stratum, &SelectionSettings::min_stratum, &SelectionSettings::min_sources,
       &SelectionSettings::reselect_distance, &SelectionSettings::stratum_weight);
}

void retune(TimekeeperSettings& settings, const Tuning& before, const Tuning& now) {
  retune(settings.clock, before, now);
  retune(settings.selection, before, now);
  if (before.log_change != now.log_change) settings.log_change = now.log_change;
  settings.records = now.records;
}

}  // namespace gnomon::engine
