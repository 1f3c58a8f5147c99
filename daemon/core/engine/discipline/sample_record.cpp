// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/sample_record.hpp"

#include <algorithm>
#include <cmath>

#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

std::optional<Apart> apart_of(const Sample& sample, const Timescale& timescale) {
  if (!sample.span) return std::nullopt;
  const Span& span = *sample.span;
  const base::Seconds ours = base::to_seconds(timescale.local(span.received) - timescale.local(span.sent));
  return Apart{.ours = ours, .excess = ours - span.remote, .skew = span.drift};
}

Sample straightened(const Sample& sample, const Timescale& timescale, double frequency, double bound) {
  if (!sample.span) return sample;
  const LocalTime first = timescale.local(sample.span->sent);
  const LocalTime last = timescale.local(sample.span->received);
  const LocalTime middle = first + (last - first) / 2;
  Sample even = sample;
  even.span.reset();
  even.time = timescale.system(middle);
  even.offset += base::to_seconds((timescale.ahead(first) - timescale.ahead(middle)) / 2 +
                                  (timescale.ahead(last) - timescale.ahead(middle)) / 2);
  const Apart apart = *apart_of(sample, timescale);
  // Both ends are measured: what any clock may drift by meanwhile is no error of the middle. The round trip
  // is what is left of the whole, and off by as much as the frequency is: it may not pass for a shorter one.
  // Of peers the packet that is sent may be the later one.
  const base::Seconds drifted = base::Seconds{std::fabs(apart.ours.count())} * (bound + apart.skew);
  even.dispersion = std::max(sample.dispersion - drifted, base::Seconds{0});
  even.delay = apart.delay(frequency) + even.dispersion;
  return even;
}

Observation observation_of(const Sample& sample, const Timescale& timescale) {
  const LocalTime at = timescale.local(sample.time);
  return {at, timescale.ahead(at) + base::to_duration(sample.offset), sample.delay, sample.dispersion};
}

SampleRecord::SampleRecord(const RegressionLimits& limits)
    : most_(static_cast<std::size_t>(limits.max_samples)), regression_(limits) {}

void SampleRecord::add(const KeptSample& kept) {
  if (local_id_ == base::ReferenceId{} || last_.sample.local != kept.sample.local)
    local_id_ = reference_id_of(kept.sample.local);
  last_ = kept;
  kept_.push_back(kept);
  while (kept_.size() > most_) kept_.pop_front();
  regression_.add(kept.observation);
}

void SampleRecord::move(base::Seconds by) {
  const auto move_one = [by](KeptSample& kept) {
    kept.sample.offset += by;
    kept.observation.theta += base::to_duration(by);
  };
  for (auto& kept : kept_) move_one(kept);
  move_one(last_);
  regression_.move(base::to_duration(by));
}

void SampleRecord::clear() {
  regression_.clear();
  kept_.clear();
}

}  // namespace gnomon::engine
