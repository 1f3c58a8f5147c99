// SPDX-License-Identifier: GPL-2.0-or-later
// Timekeeper: what it records for the log files.
#include "daemon/core/engine/discipline/source_records.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"

namespace gnomon::engine {

void Timekeeper::look_for_record(const base::Now& now) {
  if (!recorder_) return;
  const base::Seconds distance =
      reference_ ? reference_->root_distance(reference_->dispersion(local(now), dispersion_rate(), {}))
                 : TrackingRecorder::unknown_distance;
  recorder_->look(distance, remaining(now));
}

void Timekeeper::record_statistics(base::SourceId id, const std::optional<Estimate>& before,
                                   Decisions& decisions) const {
  if (!settings_.records) return;
  if (const auto record = statistics_record(*sources_.find(id), before, discipline_, timescale_))
    decisions.records.emplace_back(*record);
}

// A pool's worth of lines: not with each tick that finds all as it was.
void Timekeeper::record_selection(const base::Now& now, Decisions& decisions) const {
  if (!settings_.records) return;
  for (const Verdict& verdict : sources_.verdicts())
    decisions.records.emplace_back(selection_record(verdict, *sources_.find(verdict.source), now));
}

void Timekeeper::record_lost_reference(const base::Now& now, LogRecords& records) {
  if (!recorder_) return;
  look_for_record(now);
  records.emplace_back(recorder_->unsynchronised(discipline_, now.real));
}

LogRecords Timekeeper::last_records(const base::Now& now) {
  LogRecords records;
  record_lost_reference(now, records);
  return records;
}

}  // namespace gnomon::engine
