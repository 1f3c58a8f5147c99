// SPDX-License-Identifier: GPL-2.0-or-later
// How far served time is from true time while it is smoothed: a value, computed by the discipline and
// evaluated by whoever serves.
#pragma once

#include <array>

#include "base/time.hpp"

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

  // The same curve as seen from so much later.
  [[nodiscard]] SmoothingCurve after(base::Seconds later_by) const;
  [[nodiscard]] double wander() const;            // s/s per s, of the present stage
  [[nodiscard]] base::Seconds remaining() const;  // until the offset is gone
  friend bool operator==(const SmoothingCurve&, const SmoothingCurve&) = default;
};

}  // namespace gnomon::engine
