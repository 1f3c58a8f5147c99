// SPDX-License-Identifier: GPL-2.0-or-later
// One source as the timekeeper knows it, and what selection and reports see of it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"
#include "base/units.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/discipline/limit_watch.hpp"
#include "daemon/core/engine/discipline/sample_record.hpp"
#include "daemon/core/engine/selection/selection.hpp"
#include "daemon/core/engine/values/poll_advice.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/source_status.hpp"

namespace gnomon::engine {

struct TrackedSource {
  SourceTraits traits;
  base::ReferenceId address_id;  // of its address, or of the reference clock
  SampleRecord record;
  SourceStatus status;
  double score = 1;  // of the last selection
  int fresh = 0;     // samples since the last clock update
  std::optional<PollAdvice> advice;
  bool restored = false;  // from a dump file, and nothing measured since
  LimitWatch limits;      // that selection found it beyond

  void drop_samples();
  // Its next sample, or its first one, may come soon.
  [[nodiscard]] bool may_still_answer(base::MonoTime now) const {
    return status.awaited_until && *status.awaited_until > now;
  }
  // From now on; not negative.
  [[nodiscard]] base::Duration ready_in(base::MonoTime now) const {
    return std::max(status.ready_at.value_or(now) - now, base::Duration{});
  }
};

[[nodiscard]] TrackedSource tracked_source(const SourceTraits& traits, const RegressionLimits& limits);

// Our clock at one moment, as far as sources are compared with it.
struct ClockMoment {
  base::Now now;
  LocalTime local;
  base::Duration ahead{};  // see Timescale
  double frequency = 0;    // that the discipline holds for right, with its bound; s/s
  double skew = 2e-3;
  double wander = 1e-6;  // s/s that any clock may be off by (maxclockerror)
};
[[nodiscard]] Candidate candidate_of(const TrackedSource& source, std::uint32_t samples_needed,
                                     const ClockMoment& clock);

[[nodiscard]] SourceStatistics statistics_of(const SampleRecord& record, const Discipline& discipline,
                                             const Timescale& timescale, LocalTime now);

}  // namespace gnomon::engine
