// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/smoothing_curve.hpp"

#include <algorithm>

namespace gnomon::engine {

SmoothingCurve SmoothingCurve::after(base::Seconds later_by) const {
  double seconds = later_by.count();
  SmoothingCurve later = *this;
  if (seconds <= 0) {
    later.offset += frequency * seconds;
    return later;
  }
  for (Stage& stage : later.stages) {
    const double passed = std::min(seconds, stage.length);
    later.offset += passed * (later.frequency + stage.wander * passed / 2);
    later.frequency += stage.wander * passed;
    stage.length -= passed;
    seconds -= passed;
  }
  // What rounding has left would grow for ever.
  if (seconds > 0) later.offset = later.frequency = 0;
  return later;
}

double SmoothingCurve::wander() const {
  const auto stage = std::ranges::find_if(stages, [](const Stage& s) { return s.length > 0; });
  return stage == stages.end() ? 0 : stage->wander;
}

base::Seconds SmoothingCurve::remaining() const {
  double sum = 0;
  for (const Stage& stage : stages) sum += stage.length;
  return base::Seconds{sum};
}

}  // namespace gnomon::engine
