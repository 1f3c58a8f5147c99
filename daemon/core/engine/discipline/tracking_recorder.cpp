// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/tracking_recorder.hpp"

#include <cmath>

namespace gnomon::engine {

namespace {

constexpr base::ReferenceId manual_id = base::reference_id("MANU");
constexpr base::IpAddress nobody{.family = base::AddressFamily::ipv4};  // 0.0.0.0

}  // namespace

void TrackingRecorder::look(base::Seconds root_distance, base::Seconds remaining) {
  root_distance_ = root_distance;
  remaining_ = remaining;
}

// Records count a fast clock positive, the discipline what to add.
TrackingRecord TrackingRecorder::begin(const Discipline& discipline, base::RealTime now) const {
  return {.time = now,
          .frequency = base::ppm_of_ratio(0.0 - discipline.frequency()),  // never -0
          .skew = base::ppm_of_ratio(discipline.skew()),
          .remaining = remaining_,
          .max_error = root_distance_ + base::Seconds{std::fabs(system_offset_.count())}};
}

void TrackingRecorder::found(TrackingRecord& record, const Combined& combined, const Discipline& discipline) {
  record.offset = -discipline.last_correction();
  record.combined = combined.sources;
  record.offset_deviation = combined.error;
  system_offset_ = record.offset - remaining_;
}

TrackingRecord TrackingRecorder::updated(const Reference& reference, base::LeapIndicator leap,
                                         const Combined& combined, const Discipline& discipline,
                                         base::RealTime now) {
  auto record = begin(discipline, now);
  found(record, combined, discipline);
  record.address = reference.address;
  record.reference_id = reference.id;
  record.stratum = reference.stratum;
  record.leap = leap;
  record.root_delay = reference.root_delay;
  record.root_dispersion = reference.root_dispersion;
  return record;
}

TrackingRecord TrackingRecorder::entered(const Combined& combined, const Discipline& discipline,
                                         base::RealTime now) {
  auto record = begin(discipline, now);
  found(record, combined, discipline);
  record.reference_id = manual_id;
  record.stratum = 1;
  return record;
}

TrackingRecord TrackingRecorder::unsynchronised(const Discipline& discipline, base::RealTime now) {
  auto record = begin(discipline, now);
  record.address = nobody;
  record.root_delay = base::Seconds{1};
  record.root_dispersion = base::Seconds{1};
  return record;
}

}  // namespace gnomon::engine
