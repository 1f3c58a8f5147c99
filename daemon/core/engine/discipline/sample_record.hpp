// SPDX-License-Identifier: GPL-2.0-or-later
// The samples of one source: the line through them, the last one, and those that a dump file gets. Owned by
// the timekeeper's record of that source.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <tuple>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/estimation/estimate.hpp"
#include "daemon/core/engine/estimation/regression.hpp"
#include "daemon/core/engine/values/sample.hpp"

namespace gnomon::engine {

struct KeptSample {
  Sample sample;
  Observation observation;
};

// How far apart its packets were, on the free-running scale. None: they were not, or not much.
[[nodiscard]] std::optional<Apart> apart_of(const Sample& sample, const Timescale& timescale);
// What was measured over `span`, as if our clock had run evenly at `frequency` (s/s on top of the
// free-running rate) meanwhile: the offset is that at the middle of the span on the free-running scale.
// `bound`: what the dispersion has of a clock that drifts unseen, s/s.
[[nodiscard]] Sample straightened(const Sample& sample, const Timescale& timescale, double frequency,
                                  double bound);
// A sample on the free-running scale.
[[nodiscard]] Observation observation_of(const Sample& sample, const Timescale& timescale);

class SampleRecord {
 public:
  SampleRecord() : SampleRecord(RegressionLimits{}) {}
  explicit SampleRecord(const RegressionLimits& limits);

  void add(const KeptSample& kept);
  // What was measured so far was wrong by that much.
  void move(base::Seconds by);
  // Nothing measured so far counts any more.
  void clear();
  // nullopt: no sample yet
  [[nodiscard]] std::optional<Estimate> estimate() const { return regression_.estimate(); }
  // The last sample ever; meaningful once there is an estimate.
  [[nodiscard]] const Sample& last() const { return last_.sample; }
  [[nodiscard]] const Observation& last_observation() const { return last_.observation; }
  // Of our address as the source was last asked from; zero: not known.
  [[nodiscard]] base::ReferenceId local_id() const { return local_id_; }
  // The oldest first, no more than the regression may have.
  [[nodiscard]] const std::deque<KeptSample>& kept() const { return kept_; }

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.most_, self.regression_, self.last_, self.local_id_, self.kept_);
  }

 private:
  std::size_t most_;
  Regression regression_;
  KeptSample last_;
  base::ReferenceId local_id_{};
  std::deque<KeptSample> kept_;
};

}  // namespace gnomon::engine
