// SPDX-License-Identifier: GPL-2.0-or-later
// How far served time is from true time while it is smoothed: a value, computed by the discipline and
// evaluated by whoever serves.
#pragma once

#include <array>

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

}  // namespace gnomon::engine
