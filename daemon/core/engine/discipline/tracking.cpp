// SPDX-License-Identifier: GPL-2.0-or-later
// What the timekeeper tells of our clock: tracking, a source's statistics, and the view the server half
// serves.
#include <algorithm>
#include <cmath>

#include "daemon/core/engine/discipline/timekeeper_state.hpp"
#include "daemon/core/engine/text/messages.hpp"

namespace gnomon::engine {

namespace {

constexpr base::Seconds largest_dispersion{16};  // RFC 5905 MAXDISP: beyond that we know nothing

std::int8_t precision_exponent(base::Seconds precision) {
  const double exponent = std::round(std::log2(std::max(precision.count(), 1e-9)));
  return static_cast<std::int8_t>(std::clamp(exponent, -30.0, 0.0));
}

}  // namespace

double Timekeeper::State::dispersion_rate() const {
  return discipline.skew() + std::fabs(discipline.residual_frequency()) +
         settings.clock.max_clock_error.ratio();
}

base::Seconds Timekeeper::State::dispersion(const base::Now& now) const {
  const LocalTime local = timescale.local(now.real);
  const double age = std::max(base::to_seconds(local - reference.at).count(), 0.0);
  const double rest = std::fabs(discipline.remaining(local, timescale).count());
  return reference.root_dispersion + base::Seconds{age * dispersion_rate() + rest};
}

bool Timekeeper::State::waits_for_local(const config::Local& local, const base::Now& now) const {
  const base::Seconds since_start = base::to_seconds(now.mono - started.value_or(now.mono));
  if (!last_update) return since_start < local.wait_unsynced;
  return base::to_seconds(now.mono - *last_update) < local.wait_synced;
}

SyncState Timekeeper::State::standing(const base::Now& now) const {
  SyncState s;
  // Frozen by maxchange: our own clock is as doubtful as the sources, no matter what `local` says.
  if (!started || discipline.frozen()) return s;
  base::Seconds distance{1e9};
  if (has_reference) {
    s.root_dispersion = dispersion(now);
    distance = reference.root_delay / 2.0 + s.root_dispersion;
    if (s.root_dispersion < largest_dispersion) s.kind = SyncState::Kind::synchronised;
  }
  if (!settings.local) return s;
  const config::Local& local = *settings.local;
  const bool far = s.kind != SyncState::Kind::synchronised || distance > local.distance;
  if (far && (local.activate <= base::Seconds{} || local_activated) && !waits_for_local(local, now))
    s.kind = SyncState::Kind::local;
  return s;
}

SourceStatistics Timekeeper::statistics(base::SourceId id, const base::Now& now) const {
  SourceStatistics report;
  const auto found = state_->sources.find(id);
  if (found == state_->sources.end()) return report;
  const TrackedSource& source = found->second;
  const auto estimate = source.estimator->estimate();
  if (!estimate || !state_->started) return report;
  const auto reference_theta = [this](LocalTime t) {
    return state_->discipline.theta_at(t).value_or(state_->timescale.ahead(t));
  };
  report.samples = estimate->samples;
  report.runs = estimate->runs;
  report.span = base::to_seconds(estimate->span);
  if (estimate->has_frequency)
    report.residual_frequency = fast(estimate->frequency - state_->discipline.frequency());
  report.skew = base::ppm_of_ratio(estimate->skew);
  const LocalTime local = state_->timescale.local(now.real);
  report.estimated_offset = -base::to_seconds(state_->theta_of(*estimate, local) - reference_theta(local));
  report.standard_deviation = estimate->deviation;
  report.measured_offset = -source.last.offset;
  report.adjusted_offset = -base::to_seconds(source.last_theta - reference_theta(source.last_at));
  report.error = source.last.root_distance();
  return report;
}

TrackingReport Timekeeper::tracking(const base::Now& now) const {
  const State& s = *state_;
  TrackingReport report;
  report.last_offset = -s.discipline.last_correction();
  report.rms_offset = s.discipline.rms_correction();
  report.frequency = fast(s.discipline.frequency());
  report.residual_frequency = fast(s.discipline.residual_frequency());
  report.skew = base::ppm_of_ratio(s.discipline.skew());
  report.update_interval = base::to_seconds(s.discipline.update_interval());
  if (s.started) report.system_time = s.discipline.remaining(s.timescale.local(now.real), s.timescale);
  if (s.discipline.frozen()) report.trouble = frozen_sentence();
  const SyncState standing = s.standing(now);
  if (standing.kind == SyncState::Kind::local) {
    report.reference_id = base::local_reference_id;
    report.stratum = s.settings.local.value_or(config::Local{}).stratum.value;
    report.reference_time = now.real;
    report.root_delay = report.root_dispersion = base::Seconds{0};
    report.leap = base::LeapIndicator::none;
  } else if (standing.kind == SyncState::Kind::synchronised) {
    report.reference_id = s.reference.id;
    report.address = s.reference.address;
    report.name = s.reference.name;
    report.stratum = s.reference.stratum;
    report.reference_time = s.reference.time;
    report.root_delay = s.reference.root_delay;
    report.root_dispersion = standing.root_dispersion;
    report.leap = s.leap.indicator();
  }
  return report;
}

ServerView Timekeeper::server_view(const base::Now& now) const {
  const State& s = *state_;
  ServerView view;
  view.precision = precision_exponent(s.settings.clock_precision);
  view.dispersion_time = now.real;
  const SyncState standing = s.standing(now);
  if (standing.kind == SyncState::Kind::local) {
    view.leap = base::LeapIndicator::none;
    view.stratum = s.settings.local.value_or(config::Local{}).stratum.value;
    view.reference_id = base::local_reference_id;
    view.reference_time = now.real;
    view.root_delay = view.root_dispersion = base::Seconds{0};
  } else if (standing.kind == SyncState::Kind::synchronised) {
    // Served time that is smoothed makes no leap second.
    view.leap = s.smoothing ? base::LeapIndicator::none : s.leap.indicator();
    view.stratum = s.reference.stratum;
    view.reference_id = s.reference.id;
    view.reference_time = s.reference.time;
    view.root_delay = s.reference.root_delay;
    view.root_dispersion = standing.root_dispersion;
    view.dispersion_rate = s.dispersion_rate();
  }
  view.served = s.served_time(now);
  return view;
}

}  // namespace gnomon::engine
