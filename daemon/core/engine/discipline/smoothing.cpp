// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/smoothing.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::engine {

namespace {

// A configured 0 would never arrive.
constexpr double least_frequency = 1e-9;
constexpr double least_wander = 1e-15;

}  // namespace

SmoothingCurve SmoothingCurve::after(double seconds) const {
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

double SmoothingCurve::remaining() const {
  double sum = 0;
  for (const Stage& stage : stages) sum += stage.length;
  return sum;
}

SmoothingCurve smoothed(double offset, double frequency, double max_frequency, double max_wander) {
  // Where the offset would come to rest if the frequency went to zero at once: on which side of zero that is
  // says in which direction to go.
  const double rest = offset + frequency * std::fabs(frequency) / (2 * max_wander);
  const double direction = rest > 0 ? -1 : 1;
  const double distance = -direction * offset;
  const double speed = direction * frequency;
  const double peak = std::sqrt(std::max(max_wander * distance + speed * speed / 2, 0.0));
  const double cruise = std::max(std::min(peak, max_frequency), 0.0);
  SmoothingCurve curve{offset, frequency, {}};
  const double first = std::fabs(cruise - speed) / max_wander;
  curve.stages[0] = {direction * (cruise >= speed ? max_wander : -max_wander), first};
  const double last = cruise / max_wander;
  curve.stages[2] = {-direction * max_wander, last};
  const double covered = (speed + cruise) / 2 * first + cruise / 2 * last;
  if (cruise > 0) curve.stages[1].length = std::max((distance - covered) / cruise, 0.0);
  // Without a limit there is nothing to be covered in between but rounding.
  if (peak <= max_frequency) curve.stages[1].length = 0;
  return curve;
}

void Smoothing::activate(LocalTime now) {
  if (!since_) reset(now);
}

void Smoothing::reset(LocalTime now) {
  since_ = now;
  curve_ = {};
}

void Smoothing::absorb(LocalTime at, base::Seconds offset, double frequency) {
  if (!since_) return;
  const SmoothingCurve now = curve(at);
  curve_ = smoothed(now.offset - offset.count(), now.frequency - frequency,
                    std::max(settings_.max_frequency.ratio(), least_frequency),
                    std::max(settings_.max_wander.ratio(), least_wander));
  since_ = at;
}

SmoothingCurve Smoothing::curve(LocalTime now) const {
  if (!since_) return {};
  return curve_.after(base::to_seconds(now - *since_).count());
}

}  // namespace gnomon::engine
