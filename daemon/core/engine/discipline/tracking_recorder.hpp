// SPDX-License-Identifier: GPL-2.0-or-later
// What the tracking log says of each clock update: what the update found, and how wrong the clock may have
// been since the one before. Owned by the timekeeper, when such a log is wanted.
#pragma once

#include <tuple>

#include "base/time.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/discipline/reference.hpp"
#include "daemon/core/engine/values/log_records.hpp"

namespace gnomon::engine {

class TrackingRecorder {
 public:
  // Of a clock that was never compared: chrony's root delay and dispersion of 1 s.
  static constexpr base::Seconds unknown_distance{1.5};

  // Before each update: what is still to be corrected (positive: the system clock is slow), and the root
  // distance without that.
  void look(base::Seconds root_distance, base::Seconds remaining);

  // After an update by sources; by a time entered by hand; and when there is no reference any more.
  [[nodiscard]] TrackingRecord updated(const Reference& reference, base::LeapIndicator leap,
                                       const Combined& combined, const Discipline& discipline,
                                       base::RealTime now);
  [[nodiscard]] TrackingRecord entered(const Combined& combined, const Discipline& discipline,
                                       base::RealTime now);
  [[nodiscard]] TrackingRecord unsynchronised(const Discipline& discipline, base::RealTime now);

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.root_distance_, self.remaining_, self.system_offset_);
  }

 private:
  [[nodiscard]] TrackingRecord begin(const Discipline& discipline, base::RealTime now) const;
  void found(TrackingRecord& record, const Combined& combined, const Discipline& discipline);

  base::Seconds root_distance_ = unknown_distance;
  base::Seconds remaining_{};
  base::Seconds system_offset_{};  // of the system clock, as the last update found it
};

}  // namespace gnomon::engine
