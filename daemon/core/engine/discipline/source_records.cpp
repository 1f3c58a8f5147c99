// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/source_records.hpp"

#include <cmath>

namespace gnomon::engine {

namespace {

// A line that is too short for a frequency has the clock's, and the largest skew.
double stress_of(const Estimate& line, const std::optional<Estimate>& before, double frequency) {
  const bool known = before && before->has_frequency;
  const double change = line.frequency - (known ? before->frequency : frequency);
  return std::fabs(change) / (known ? before->skew : Estimate{}.skew);
}

}  // namespace

std::optional<StatisticsRecord> statistics_record(const TrackedSource& source,
                                                  const std::optional<Estimate>& before,
                                                  const Discipline& discipline, const Timescale& timescale) {
  const auto line = source.record.estimate();
  if (!line || !line->has_frequency) return std::nullopt;
  const double frequency = discipline.frequency();
  // Records count a fast clock positive, estimates what to add.
  return StatisticsRecord{
      .time = source.record.last().time,
      .address = source.traits.address,
      .reference_id = source.traits.clock_id,
      .deviation = line->deviation,
      .offset = -base::to_seconds(line->theta - discipline.reference_theta(line->at, timescale)),
      .offset_deviation = line->error,
      .frequency = frequency - line->frequency,
      .skew = line->skew,
      .stress = stress_of(*line, before, frequency),
      .samples = line->samples + line->dropped,
      .dropped = line->dropped,
      .runs = line->runs,
      .asymmetry = source.traits.source.asymmetry.value_or(0)};
}

SelectionRecord selection_record(const Verdict& verdict, const TrackedSource& source, const base::Now& now) {
  SelectionRecord record{.time = now.real,
                         .source = verdict.source,
                         .address = source.traits.address,
                         .reference_id = source.traits.clock_id,
                         .reason = verdict.reason,
                         .options = verdict.effective,
                         .reach = source.status.reach,
                         .score = verdict.evidence.score,
                         .low = -verdict.evidence.high,
                         .high = -verdict.evidence.low};
  if (source.record.estimate()) record.last_sample = base::to_seconds(now.mono - source.record.last().mono);
  return record;
}

}  // namespace gnomon::engine
