// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/sample_record.hpp"

#include <algorithm>
#include <cmath>

#include "daemon/core/engine/values/reference_id.hpp"

namespace gnomon::engine {

Sample straightened(const Sample& sample, const Timescale& timescale, double frequency) {
  if (!sample.span) return sample;
  const LocalTime first = timescale.local(sample.span->sent);
  const LocalTime last = timescale.local(sample.span->received);
  const LocalTime middle = first + (last - first) / 2;
  Sample even = sample;
  even.span.reset();
  even.time = timescale.system(middle);
  even.offset += base::to_seconds((timescale.ahead(first) - timescale.ahead(middle)) / 2 +
                                  (timescale.ahead(last) - timescale.ahead(middle)) / 2);
  const base::Seconds elapsed = base::to_seconds(last - first) * (1 + frequency);
  // No shorter than what the clocks can tell from nothing.
  even.delay = std::max(base::Seconds{std::fabs((elapsed - sample.span->remote).count())},
                        std::min(sample.delay, sample.dispersion));
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
