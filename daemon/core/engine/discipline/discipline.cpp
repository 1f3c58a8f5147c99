// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/discipline.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr double largest_rate = 0.1;      // s/s; what the clock helper takes
constexpr double shortest_slew = 1.0;     // s
constexpr double longest_slew = 10000.0;  // s
constexpr double slow_slew = 0.5;         // s; -q steps instead
// What has been wrong since the last update may be so for a little longer: corrections of that size take that
// long where updates are not closer together.
constexpr double unhurried_slew = 50.0;       // s
constexpr double unhurried_offset = 1e-3;     // s
constexpr base::Duration step_timeout = 10s;  // a step not reported by then has failed
constexpr double largest_leap_slew = 1.5;     // s; a leap second and what was to be corrected anyway

double largest_slew(const config::ClockSettings& clock) {
  return std::min(clock.max_slew_rate.ratio(), largest_rate);
}

// Where updates are not closer together. Who wants corrections to take many times longer than usual wants no
// sudden one either, however sure it is.
double unhurried(double offset, const config::ClockSettings& clock) {
  const double as_wished = shortest_slew * clock.corr_time_ratio / config::ClockSettings{}.corr_time_ratio;
  return offset < unhurried_offset ? std::max(unhurried_slew, as_wished) : as_wished;
}

bool is_number(const Combined& c) {
  return std::isfinite(c.frequency) && std::isfinite(c.skew) && std::isfinite(c.error.count());
}

}  // namespace

double largest_frequency(const config::ClockSettings& clock) {
  return std::min(clock.max_drift.ratio(), largest_rate);
}

std::optional<base::Duration> Discipline::theta_at(LocalTime t) const {
  if (!last_update_) return std::nullopt;
  return theta_ + base::to_duration(base::to_seconds(t - *last_update_) * frequency_);
}

base::Seconds Discipline::remaining(LocalTime now, const Timescale& timescale) const {
  const auto theta = theta_at(now);
  return theta ? base::to_seconds(*theta - timescale.ahead(now)) : base::Seconds{0};
}

base::Seconds Discipline::rms_correction() const {
  return base::Seconds{std::sqrt(mean_square_)};
}

SetRate Discipline::plain_rate() const {
  return {base::ppm_of_ratio(frequency_), {}, {}};
}

// The estimate has weighed old against new already.
void Discipline::update_frequency(const Combined& combined) {
  residual_ = 0;
  if (!combined.has_frequency) return;
  residual_ = combined.frequency - frequency_;
  if (combined.skew > settings_.clock.max_update_skew.ratio()) return;
  // A burst of a moment says too little of the frequency to leave it behind with nobody to correct it.
  if (settings_.set_once) return;
  const double limit = largest_frequency(settings_.clock);
  frequency_ = std::clamp(combined.frequency, -limit, limit);
  skew_ = std::max(combined.skew, 1e-10);
}

void Discipline::keep_statistics(base::Seconds correction) {
  constexpr double newest_weight = 0.1;
  last_correction_ = correction;
  const double square = correction.count() * correction.count();
  // What the clock was wrong by at the start is no part of the average: that begins once the corrections have
  // ceased to become smaller.
  averages_ = averages_ || (updates_ > 1 && square > mean_square_);
  mean_square_ = averages_ && updates_ > 1 ? mean_square_ + newest_weight * (square - mean_square_) : square;
}

// As chronyd, and who sets the clock once has failed; told to, a daemon stays where it can be asked.
bool Discipline::exits_when_frozen() const {
  return settings_.set_once || (settings_.clock.max_change && settings_.clock.max_change->exit);
}

bool Discipline::refuses(base::Seconds offset, Decisions& decisions) {
  const auto& limit = settings_.clock.max_change;
  if (!limit || updates_ - began_at_ < limit->start || std::fabs(offset.count()) <= limit->offset.count())
    return false;
  using Consequence = note::ChangeRefused::Consequence;
  ++refusals_;
  // As often as allowed the measurement is only passed over; then something is wrong for good.
  frozen_ = limit->ignore >= 0 && refusals_ > limit->ignore;
  const auto at_last = exits_when_frozen() ? Consequence::exiting : Consequence::steering_stops;
  decisions.notes.push_back(
      {note::ChangeRefused{offset, limit->offset, frozen_ ? at_last : Consequence::ignored}});
  return true;
}

bool Discipline::may_step(base::Seconds offset) const {
  const double size = std::fabs(offset.count());
  if (settings_.set_once && size / largest_slew(settings_.clock) > slow_slew) return true;
  const auto& make_step = settings_.clock.make_step;
  if (!make_step || size <= make_step->threshold.count()) return false;
  if (make_step->limit < 0) return true;
  return !settings_.no_start_adjustments && updates_ - began_at_ < make_step->limit;
}

bool Discipline::is_leap_slew(base::Seconds offset, LocalTime at) const {
  return leap_slew_end_ && at < *leap_slew_end_ && std::fabs(offset.count()) < largest_leap_slew;
}

// The more sources hold the estimate, the less a correction is in a hurry, but for the first half an hour.
double Discipline::calmness(const Combined& combined) const {
  constexpr double settled_after = 2000;  // s
  constexpr int enough = 4;
  if (!first_update_) return 1;
  const double age = base::to_seconds(combined.at - *first_update_).count();
  return std::pow(std::clamp(combined.sources, 1, enough), 0.5 + std::clamp(age / settled_after, 0.0, 1.0));
}

// Slewing faster than the estimate is good for only passes its noise on as frequency error: the surer the
// offset, the quicker it goes.
SetRate Discipline::slew(base::Seconds offset, base::Seconds error, base::Seconds interval) const {
  SetRate rate = plain_rate();
  const double size = std::fabs(offset.count());
  if (size < 1e-10) return rate;
  const double area = settings_.clock.corr_time_ratio * 0.5 * error.count() * std::max(interval.count(), 1.0);
  const double fastest = std::max(shortest_slew, size / largest_slew(settings_.clock));
  const double calm = std::min({unhurried(size, settings_.clock), interval.count(), longest_slew});
  const double wanted = settings_.set_once ? fastest : std::clamp(area / size, calm, longest_slew);
  const double seconds = std::max(wanted, fastest);
  rate.slew = base::ppm_of_ratio(offset.count() / seconds);
  rate.duration = base::to_duration(base::Seconds{std::min(seconds, 100000.0)});
  return rate;
}

void Discipline::command_step(base::Seconds offset, LocalTime at, Decisions& decisions) {
  decisions.commands.emplace_back(plain_rate());
  decisions.commands.emplace_back(StepClock{base::to_duration(offset)});
  step_commanded_at_ = at;
}

void Discipline::correct_initially(const Combined& combined, const Timescale& timescale,
                                   Decisions& decisions) {
  const base::Seconds offset = base::to_seconds(combined.theta - timescale.ahead(combined.at));
  const bool step = std::fabs(offset.count()) >= settings_.initial_step->count();
  end_initial();
  set_reference_theta(combined.theta, combined.at, timescale);
  error_ = combined.error;
  if (!settings_.steer) return;
  if (step)
    command_step(offset, combined.at, decisions);
  else
    decisions.commands.emplace_back(slew(offset, base::Seconds{0}, base::Seconds{1}));
}

bool Discipline::update(const Combined& combined, const Timescale& timescale, Decisions& decisions) {
  // What is no number would be in everything that comes after it.
  if (frozen_ || !is_number(combined)) return false;
  if (step_commanded_at_ && combined.at - *step_commanded_at_ < step_timeout) return false;
  step_commanded_at_.reset();
  const base::Seconds offset = base::to_seconds(combined.theta - timescale.ahead(combined.at));
  if (awaits_initial()) {
    correct_initially(combined, timescale, decisions);
    return true;
  }
  const bool leap_slew = is_leap_slew(offset, combined.at);
  if (!leap_slew && refuses(offset, decisions)) return false;
  const auto expected = theta_at(combined.at);
  update_frequency(combined);
  const bool step = !leap_slew && may_step(offset);
  const base::Seconds error = std::max(combined.error, base::Seconds{1e-9});
  const base::Seconds interval =
      last_update_ ? std::max(base::to_seconds(combined.at - *last_update_), base::Seconds{})
                   : base::Seconds{1};
  ++updates_;
  if (!first_update_) first_update_ = combined.at;
  keep_statistics(base::to_seconds(combined.theta - expected.value_or(timescale.ahead(combined.at))));
  update_interval_ = base::to_duration(last_update_ ? interval : base::Seconds{0});
  set_reference_theta(combined.theta, combined.at, timescale);
  error_ = error;
  // What a slew is correcting already was said when it was found.
  const base::Seconds found = std::exchange(jumped_, false) ? offset : last_correction_;
  decisions.correction = found;
  if (std::fabs(found.count()) > settings_.log_change.count()) {
    const base::Seconds slewing{
        step || !settings_.steer ? 0 : std::fabs(offset.count()) / largest_slew(settings_.clock)};
    decisions.notes.push_back({note::ClockWrong{offset, slewing}});
  }
  if (!settings_.steer) {
    if (step && !settings_.set_once) decisions.notes.push_back({note::StepForbidden{offset}});
    return true;
  }
  if (step)
    command_step(offset, combined.at, decisions);
  else
    decisions.commands.emplace_back(slew(offset, error, interval * calmness(combined)));
  return true;
}

void Discipline::slew_leap(LocalTime now, const Timescale& timescale, Decisions& decisions) {
  if (!settings_.steer || frozen_) return;
  const SetRate rate = slew(remaining(now, timescale), base::Seconds{0}, base::Seconds{1});
  decisions.commands.emplace_back(rate);
  leap_slew_end_ = now + 2 * rate.duration;
}

}  // namespace gnomon::engine
