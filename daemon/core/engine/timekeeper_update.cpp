// SPDX-License-Identifier: GPL-2.0-or-later
// One clock update: what the selected sources say together, what that makes of our clock, and who is told.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "daemon/core/engine/reference_id.hpp"
#include "daemon/core/engine/timekeeper_state.hpp"

namespace gnomon::engine {

namespace {

constexpr base::Seconds most_reported{16};  // the kernel's and NTP's largest error
constexpr double worth_saving = 100e-6;     // skew up to which a frequency is better than none, s/s

bool takes_part(const Verdict& v) {
  return v.state == SourceState::selected || v.state == SourceState::combined;
}

// The last day of June or December, the only ones that may end with a leap second.
bool is_leap_day(base::RealTime time) {
  using namespace std::chrono;
  const sys_days day = floor<days>(sys_time<nanoseconds>(time.time_since_epoch()));
  const year_month_day date(day);
  return (date.month() == June && date.day() == std::chrono::day(30)) ||
         (date.month() == December && date.day() == std::chrono::day(31));
}

base::Duration capped(base::Seconds value) {
  return base::to_duration(std::clamp(value, base::Seconds{0}, most_reported));
}

}  // namespace

Combined Timekeeper::State::combine(const Selection& selection, LocalTime at) const {
  const base::Duration origin = timescale.ahead(at);
  double offset_weights = 0;
  double frequency_weights = 0;
  double offset = 0;
  double frequency = 0;
  double error = 0;
  double deviation = 0;
  Combined combined;
  for (const Verdict& v : selection.verdicts) {
    if (!takes_part(v)) continue;
    const Estimate estimate = sources.at(v.source).estimator->estimate().value_or(Estimate{});
    const double weight = 1 / std::max(v.evidence.distance.count(), 1e-9);
    offset_weights += weight;
    offset += weight * v.evidence.offset.count();
    error += weight * weight * estimate.error.count() * estimate.error.count();
    deviation += weight * estimate.deviation.count();
    if (!estimate.has_frequency) continue;
    const double frequency_weight = 1 / (estimate.skew * estimate.skew);
    frequency_weights += frequency_weight;
    frequency += frequency_weight * estimate.frequency;
  }
  combined.at = at;
  combined.theta = origin + base::to_duration(base::Seconds{offset / offset_weights});
  combined.error = base::Seconds{std::sqrt(error) / offset_weights};
  combined.deviation = base::Seconds{deviation / offset_weights};
  if (frequency_weights <= 0) return combined;
  combined.has_frequency = true;
  combined.frequency = frequency / frequency_weights;
  combined.skew = 1 / std::sqrt(frequency_weights);
  return combined;
}

base::LeapIndicator Timekeeper::State::vote_on_leap(const base::Now& now) const {
  if (!is_leap_day(now.real)) return base::LeapIndicator::none;
  int voters = 0;
  int insert = 0;
  int remove = 0;
  for (const Verdict& v : verdicts) {
    if (!takes_part(v)) continue;
    const auto& last = sources.at(v.source).last;
    ++voters;
    if (last.leap == base::LeapIndicator::insert) ++insert;
    if (last.leap == base::LeapIndicator::remove) ++remove;
  }
  if (insert * 2 > voters) return base::LeapIndicator::insert;
  return remove * 2 > voters ? base::LeapIndicator::remove : base::LeapIndicator::none;
}

Reference Timekeeper::State::refer(const Combined& combined, const base::Now& now) const {
  const TrackedSource& source = sources.at(selected.value_or(base::SourceId{}));
  const Estimate estimate = source.estimator->estimate().value_or(Estimate{});
  Reference r;
  r.source = source.traits.id;
  r.address = source.traits.address;
  r.name = source.traits.source.name;
  r.id = reference_id_of(r.address);
  r.stratum = static_cast<std::uint8_t>(std::min(source.last.stratum.value + 1, 16));
  r.leap = vote_on_leap(now);
  r.time = now.real;
  r.at = combined.at;
  r.root_delay = source.last.root_delay + estimate.delay;
  r.root_dispersion = source.last.root_dispersion + source.last.dispersion + estimate.error;
  r.error = combined.error;
  return r;
}

void Timekeeper::State::report_status(const base::Now& now, Decisions& decisions) const {
  if (!settings.steer) return;
  ReportStatus status;
  const Standing s = standing(now);
  if (s.kind != Standing::Kind::synchronised) {
    status.max_error = status.estimated_error = capped(most_reported);
    decisions.commands.emplace_back(status);
    return;
  }
  const bool arm = settings.clock.leap_second_mode != config::LeapSecondMode::ignore;
  status.leap = arm ? reference.leap : base::LeapIndicator::none;
  status.max_error = capped(reference.root_delay / 2.0 + s.root_dispersion);
  status.estimated_error = capped(reference.error);
  decisions.commands.emplace_back(status);
}

void Timekeeper::State::update_clock(const Selection& selection, const base::Now& now, Decisions& decisions) {
  if (settings.set_once && discipline.updates() > 0) return;
  const Combined combined = combine(selection, timescale.local(now.real));
  if (!offset_reported) {
    offset_reported = true;
    decisions.measured_offset = base::to_seconds(combined.theta - timescale.ahead(combined.at));
  }
  for (const Verdict& v : selection.verdicts)
    if (takes_part(v)) sources.at(v.source).fresh = 0;
  if (!discipline.update(combined, timescale, decisions)) {
    decisions.give_up = discipline.frozen();
    if (discipline.frozen()) report_status(now, decisions);
    return;
  }
  reference = refer(combined, now);
  has_reference = true;
  last_update = now.mono;
  const base::Seconds distance = reference.root_delay / 2.0 + dispersion(now);
  if (settings.local && distance.count() < settings.local->activate) local_activated = true;
  report_status(now, decisions);
  decisions.drift_worth_saving = !settings.set_once && discipline.skew() <= worth_saving;
}

}  // namespace gnomon::engine
