// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/sync_state.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace gnomon::engine {

namespace {

using Kind = SyncState::Kind;

constexpr base::Seconds most_reported{16};  // the kernel's and NTP's largest error

// Our own clock is always right by itself. Before whatever timestamp a response has, coarse ones too, or
// clients would take the response for nonsense (RFC 5905 section A.5.1.1).
constexpr base::Duration just_before = std::chrono::seconds{1};

std::int8_t precision_exponent(base::Seconds precision) {
  const double exponent = std::round(std::log2(std::max(precision.count(), 1e-9)));
  return static_cast<std::int8_t>(std::clamp(exponent, -30.0, 0.0));
}

base::Duration capped(base::Seconds value) {
  return base::to_duration(std::max(std::min(most_reported, value), base::Seconds{0}));
}

SyncState local_state(const LocalReference& local, base::RealTime now) {
  return {.kind = Kind::local,
          .leap = base::LeapIndicator::none,
          .stratum = local.stratum(),
          .reference_id = base::local_reference_id,
          .reference_time = now - just_before,
          .root_delay = base::Seconds{0},
          .root_dispersion = base::Seconds{0}};
}

SyncState synchronised_state(const Reference& r, base::Seconds dispersion, base::LeapIndicator leap) {
  return {.kind = Kind::synchronised,
          .leap = leap,
          .stratum = r.stratum,
          .reference_id = r.id,
          .reference_time = r.time,
          .root_delay = r.root_delay,
          .root_dispersion = dispersion,
          .error = r.error,
          .address = r.address,
          .name = r.name};
}

}  // namespace

SyncState sync_state_of(const std::optional<Reference>& reference, base::Seconds dispersion,
                        base::LeapIndicator leap, const LocalReference& local, LocalReference::Clock ages,
                        base::RealTime now) {
  const bool synchronised = reference && dispersion < largest_dispersion;
  ages.distance.reset();
  if (synchronised) ages.distance = reference->root_distance(dispersion);
  if (local.takes_over(ages)) return local_state(local, now);
  return synchronised ? synchronised_state(*reference, dispersion, leap) : SyncState{};
}

TrackingReport tracking_report(const SyncState& state, const Discipline& discipline,
                               base::Seconds remaining) {
  TrackingReport report;
  report.last_offset = -discipline.last_correction();
  report.rms_offset = discipline.rms_correction();
  // Reports count a fast clock positive, the discipline what to add.
  report.frequency = base::ppm_of_ratio(-discipline.frequency());
  // As in chronyd's report, where alerts look at the skew: what is not known is 0.
  if (state.kind == Kind::synchronised) {
    report.residual_frequency = base::ppm_of_ratio(-discipline.residual_frequency());
    report.skew = base::ppm_of_ratio(discipline.skew());
  }
  report.update_interval = base::to_seconds(discipline.update_interval());
  report.system_time = remaining;
  report.steering_frozen = discipline.frozen();
  if (state.kind == Kind::unsynchronised) return report;
  report.reference_id = state.reference_id;
  report.address = state.address;
  report.name = state.name;
  report.stratum = state.stratum;
  report.reference_time = state.reference_time;
  report.root_delay = state.root_delay;
  report.root_dispersion = state.root_dispersion;
  report.leap = state.leap;
  report.from_source = state.kind == Kind::synchronised;
  return report;
}

ServerView server_view_of(const SyncState& state, base::Seconds clock_precision, double dispersion_rate,
                          base::RealTime now) {
  ServerView view;
  view.leap = state.leap;
  view.stratum = state.stratum;
  view.precision = precision_exponent(clock_precision);
  view.root_delay = state.root_delay;
  view.root_dispersion = state.root_dispersion;
  view.dispersion_time = now;
  if (state.kind == Kind::synchronised) view.dispersion_rate = dispersion_rate;
  view.reference_id = state.reference_id;
  view.reference_time = state.reference_time;
  view.own_clock = state.kind == Kind::local;
  return view;
}

ReportStatus kernel_status(const SyncState& state, base::LeapIndicator armed, std::int16_t tai_offset) {
  ReportStatus status;
  if (state.kind != Kind::synchronised) {
    status.max_error = status.estimated_error = capped(most_reported);
    return status;
  }
  status.leap = armed;
  status.tai_offset = tai_offset;
  status.max_error = capped(state.root_delay / 2.0 + state.root_dispersion);
  status.estimated_error = capped(state.error);
  return status;
}

}  // namespace gnomon::engine
