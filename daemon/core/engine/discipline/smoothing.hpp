// SPDX-License-Identifier: GPL-2.0-or-later
// Time smoothing (chrony's smoothtime): how far served time is from ours, and its way back in three stages
// whose frequency and wander are bounded. Owned by the timekeeper.
#pragma once

#include <array>
#include <optional>

#include "base/units.hpp"
#include "config/config.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"

namespace gnomon::engine {

// Served time minus true time from one moment on: piecewise a parabola, straight before its beginning.
struct SmoothingCurve {
  struct Stage {
    double wander = 0;  // s/s per s
    double length = 0;  // s
    friend bool operator==(const Stage&, const Stage&) = default;
  };
  double offset = 0;     // s; positive: served time is ahead
  double frequency = 0;  // s/s; positive: served time runs faster
  std::array<Stage, 3> stages{};

  // The same curve as seen from `seconds` later.
  [[nodiscard]] SmoothingCurve after(double seconds) const;
  [[nodiscard]] double wander() const;
  [[nodiscard]] double remaining() const;  // s, until the offset is gone
  friend bool operator==(const SmoothingCurve&, const SmoothingCurve&) = default;
};

// The quickest way of an offset and a frequency to zero. max_frequency (s/s) and max_wander (s/s per s) above
// 0. A frequency that is too high already comes down first.
[[nodiscard]] SmoothingCurve smoothed(double offset, double frequency, double max_frequency,
                                      double max_wander);

class Smoothing {
 public:
  explicit Smoothing(const config::SmoothTime& settings) : settings_(settings) {}

  // From now on changes are smoothed; nothing when they are already.
  void activate(LocalTime now);
  // What has still to be smoothed out is forgotten: served time jumps to ours.
  void reset(LocalTime now);
  // True time, as we know it, went ahead by `offset` and runs faster by `frequency` than what was held for
  // it: served time does not.
  void absorb(LocalTime at, base::Seconds offset, double frequency);

  [[nodiscard]] bool active() const { return since_.has_value(); }
  [[nodiscard]] bool leap_only() const { return settings_.leap_only; }
  [[nodiscard]] std::optional<LocalTime> last_update() const { return since_; }
  [[nodiscard]] SmoothingCurve curve(LocalTime now) const;

 private:
  config::SmoothTime settings_;
  std::optional<LocalTime> since_;  // none: not active
  SmoothingCurve curve_;            // from then on
};

}  // namespace gnomon::engine
