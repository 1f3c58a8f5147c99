// SPDX-License-Identifier: GPL-2.0-or-later
// Time smoothing (chrony's smoothtime): how far served time is from ours, and its way back in three stages
// whose frequency and wander are bounded. Owned by the timekeeper.
#pragma once

#include <optional>
#include <tuple>

#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/smoothing_curve.hpp"

namespace gnomon::engine {

// The quickest way of an offset and a frequency to zero. max_frequency (s/s) and max_wander (s/s per s) above
// 0. A frequency that is too high already comes down first.
[[nodiscard]] SmoothingCurve smoothed(double offset, double frequency, double max_frequency,
                                      double max_wander);

class Smoothing {
 public:
  Smoothing() = default;
  explicit Smoothing(const config::SmoothTime& settings) : settings_(settings) {}

  // From now on changes are smoothed; nothing when they are already.
  void activate(LocalTime now);
  // What has still to be smoothed out is forgotten: served time jumps to ours.
  void reset(LocalTime now);
  // The clock was updated: true time, as we know it, went ahead by `offset` and runs faster by `frequency`,
  // of which a `skew` (s/s) is doubtful. Smoothing begins once the clock is not stepped and its frequency is
  // known: what is still to be learnt of a clock that has just been started would take the allowed wander for
  // ever, and is followed at once.
  void on_update(LocalTime at, base::Seconds offset, double frequency, double skew, bool stepped);
  // True time went ahead by `offset` and runs faster by `frequency`: served time does not.
  void absorb(LocalTime at, base::Seconds offset, double frequency);

  [[nodiscard]] bool active() const { return since_.has_value(); }
  [[nodiscard]] SmoothingCurve curve(LocalTime now) const;
  [[nodiscard]] SmoothingReport report(LocalTime now) const;

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.settings_, self.since_, self.curve_); }

 private:
  [[nodiscard]] bool is_settled(double skew) const;

  config::SmoothTime settings_;
  std::optional<LocalTime> since_;  // none: not active
  SmoothingCurve curve_;            // from then on
};

}  // namespace gnomon::engine
