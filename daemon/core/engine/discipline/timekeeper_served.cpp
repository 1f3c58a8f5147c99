// SPDX-License-Identifier: GPL-2.0-or-later
// Timekeeper: the time that is served, and what is told of it.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "daemon/core/engine/discipline/timekeeper.hpp"

namespace gnomon::engine {

namespace {

// How fast a correction goes, by the clock that is being corrected: in a fast slew that runs up to 10 % off.
double correction_rate(const Discipline& discipline, const Timescale& timescale) {
  return (discipline.frequency() - timescale.rate()) / (1 + timescale.rate());
}

}  // namespace

double Timekeeper::dispersion_rate() const {
  return discipline_.skew() + std::fabs(discipline_.residual_frequency()) +
         settings_.clock.max_clock_error.ratio();
}

base::Seconds Timekeeper::dispersion(const base::Now& now) const {
  if (!reference_) return SyncState{}.root_dispersion;
  // -x: our time is that of the sources at once, whatever the system clock shows.
  const auto rest = settings_.steer ? remaining(now) : base::Seconds{};
  return reference_->dispersion(local(now), dispersion_rate(), rest);
}

SyncState Timekeeper::sync_state(const base::Now& now) const {
  // Frozen by maxchange: our own clock is as doubtful as the sources, no matter what `local` says.
  if (!started_ || discipline_.frozen()) return {};
  return sync_state_of(reference_, dispersion(now), leap_.indicator(), local_, local_ages(now), now.real);
}

LocalReference::Clock Timekeeper::local_ages(const base::Now& now) const {
  LocalReference::Clock ages{.since_start = base::to_seconds(now.mono - started_->mono)};
  if (last_update_) ages.since_update = base::to_seconds(now.mono - *last_update_);
  return ages;
}

base::RealTime Timekeeper::true_time(LocalTime at, const base::Now& now) const {
  const auto here = local(now);
  const auto turned =
      discipline_.reference_theta(at, timescale_) - discipline_.reference_theta(here, timescale_);
  return now.real + base::to_duration(remaining(now)) + (at - here) + turned;
}

base::Seconds Timekeeper::correction_at(base::RealTime reading) const {
  return discipline_.remaining(timescale_.local(reading), timescale_);
}

ServedTime Timekeeper::served_time(const base::Now& now) const {
  ServedTime served{.slewed = settings_.steer, .at = now.real, .rest = correction_at(now.real)};
  served.epoch = epoch_ + discipline_.breaks();
  served.corrected = discipline_.corrected();
  if (served.rest != base::Seconds{}) served.rest_rate = correction_rate(discipline_, timescale_);
  if (!smoothing_ || !smoothing_->active()) return served;
  served.smoothed = true;
  served.rest = remaining(now);
  served.rest_rate = correction_rate(discipline_, timescale_);
  served.curve = smoothing_->curve(local(now));
  served.curve_rate = 1 / (1 + timescale_.rate());
  return served;
}

SmoothingReport Timekeeper::smoothing(const base::Now& now) const {
  if (!smoothing_) return {};
  auto report = smoothing_->report(local(now));
  report.configured = true;
  return report;
}

ServerView Timekeeper::server_view(const base::Now& now) const {
  SyncState state = sync_state(now);
  // Served time that is smoothed makes no leap second.
  if (smoothing_ && state.kind == SyncState::Kind::synchronised) state.leap = base::LeapIndicator::none;
  // What is left to be corrected is no error of the time that is served.
  if (settings_.steer && state.kind == SyncState::Kind::synchronised)
    state.root_dispersion -= base::Seconds{std::fabs(correction_at(now.real).count())};
  ServerView view = server_view_of(state, settings_.clock_precision, dispersion_rate(), now.real);
  view.served = served_time(now);
  return view;
}

SourceStatistics Timekeeper::statistics(base::SourceId id, const base::Now& now) const {
  const TrackedSource* source = sources_.find(id);
  if (source == nullptr) return {};
  auto statistics = statistics_of(source->record, discipline_, timescale_, local(now));
  if (!settings_.steer && statistics.samples > 0)
    statistics.measured_offset =
        discipline_.found(source->record.last_observation().at, statistics.adjusted_offset);
  return statistics;
}

TrackingReport Timekeeper::tracking(const base::Now& now) const {
  auto report = tracking_report(sync_state(now), discipline_, remaining(now));
  if (settings_.steer) return report;
  report.only_measures = true;
  if (report.from_source) report.reference_time += base::to_duration(report.system_time);
  return report;
}

std::optional<base::Duration> Timekeeper::holds_for(base::Seconds bound, const base::Now& now) const {
  if (!started_ || discipline_.frozen()) return std::nullopt;
  auto clock = local_ages(now);
  const double rate = dispersion_rate();
  std::vector<base::Seconds> ends;
  if (const auto uncertain = dispersion(now); reference_ && uncertain < largest_dispersion) {
    clock.distance = reference_->root_distance(uncertain);
    for (const auto margin : {largest_dispersion - uncertain, bound - *clock.distance})
      if (margin >= base::Seconds{} && rate > 0) ends.push_back(margin / rate);
  }
  if (const auto end = local_.holds_for(clock, rate)) ends.push_back(*end);
  if (ends.empty()) return std::nullopt;
  constexpr base::Duration just_after = std::chrono::milliseconds{1};
  constexpr base::Seconds longest = std::chrono::years{1};
  return base::to_duration(std::min(std::ranges::min(ends), longest)) + just_after;
}

}  // namespace gnomon::engine
