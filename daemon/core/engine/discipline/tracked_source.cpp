// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/tracked_source.hpp"

#include <algorithm>

#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

void TrackedSource::drop_samples() {
  record.clear();
  restored = false;
  fresh = 0;
}

TrackedSource tracked_source(const SourceTraits& traits, const RegressionLimits& limits) {
  const auto id = traits.is_refclock() ? traits.clock_id : reference_id_of(traits.address);
  return {.traits = traits, .address_id = id, .record = SampleRecord(limits)};
}

namespace {

Candidate without_samples(const TrackedSource& source, std::uint32_t samples_needed, base::MonoTime now) {
  const config::Source& options = source.traits.source;
  Candidate c;
  c.id = source.traits.id;
  c.no_select = options.no_select;
  c.prefer = options.prefer;
  c.trust = options.trust;
  c.require = options.require;
  c.authenticated = source.traits.authenticated;
  c.reference_clock = source.traits.is_refclock();
  c.provisional = source.traits.provisional;
  c.samples_needed = samples_needed;
  if (source.may_still_answer(now)) c.ready_in = source.ready_in(now);
  c.reach = source.status.reach;
  c.unreachable_too_long = source.status.unreachable_too_long;
  c.score = source.score;
  return c;
}

}  // namespace

Candidate candidate_of(const TrackedSource& source, std::uint32_t samples_needed, const ClockMoment& clock) {
  Candidate c = without_samples(source, samples_needed, clock.now.mono);
  const auto estimate = source.record.estimate();
  if (!estimate) return c;
  const Sample& last = source.record.last();
  const base::Seconds age = base::to_seconds(clock.local - estimate->at);
  c.samples = estimate->samples;
  c.last_sample = clock.now.mono - last.mono;
  c.first_sample = c.last_sample + estimate->span;
  c.leap = last.leap;
  c.stratum = last.stratum;
  c.offset = base::to_seconds(estimate->theta_at(clock.local, clock.frequency) - clock.ahead);
  const double growth = (estimate->has_frequency ? estimate->skew : clock.skew) + clock.wander;
  c.distance = (last.root_delay + estimate->delay) / 2.0 + last.root_dispersion + last.dispersion +
               estimate->error + std::max(age, base::Seconds{0}) * growth;
  c.jitter = estimate->deviation;
  c.address_id = source.address_id;
  c.local_id = source.record.local_id();
  c.frequency = estimate->has_frequency ? estimate->frequency : clock.frequency;
  c.skew = estimate->skew;
  return c;
}

SourceStatistics statistics_of(const SampleRecord& record, const Discipline& discipline,
                               const Timescale& timescale, LocalTime now) {
  SourceStatistics report;
  const auto estimate = record.estimate();
  if (!estimate) return report;
  const double frequency = discipline.frequency();
  report.samples = estimate->samples;
  report.runs = estimate->runs;
  report.span = base::to_seconds(estimate->span);
  // Reports count a fast clock positive, estimates what to add.
  if (estimate->has_frequency)
    report.residual_frequency = base::ppm_of_ratio(-(estimate->frequency - frequency));
  report.skew = base::ppm_of_ratio(estimate->skew);
  report.estimated_offset =
      -base::to_seconds(estimate->theta_at(now, frequency) - discipline.reference_theta(now, timescale));
  report.standard_deviation = estimate->deviation;
  const Observation& last = record.last_observation();
  report.measured_offset = -record.last().offset;
  report.adjusted_offset = -base::to_seconds(last.theta - discipline.reference_theta(last.at, timescale));
  report.error = record.last().root_distance();
  return report;
}

}  // namespace gnomon::engine
