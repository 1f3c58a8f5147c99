// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/smoothing.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::engine {

namespace {

// A configured 0 would never arrive.
constexpr double least_frequency = 1e-9;
constexpr double least_wander = 1e-15;
constexpr double settled = 10000;  // s; so long the wander takes at most to make good what is doubtful

}  // namespace

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

// Leap seconds are smoothed out whatever the frequency is.
bool Smoothing::is_settled(double skew) const {
  return settings_.leap_only || skew < settled * settings_.max_wander.ratio();
}

void Smoothing::on_update(LocalTime at, base::Seconds offset, double frequency, double skew, bool stepped) {
  if (!since_ && !stepped && is_settled(skew)) return activate(at);
  if (!settings_.leap_only) absorb(at, offset, frequency);
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
  return curve_.after(base::to_seconds(now - *since_));
}

SmoothingReport Smoothing::report(LocalTime now) const {
  SmoothingReport report;
  report.leap_only = settings_.leap_only;
  if (!since_) return report;
  const SmoothingCurve shown = curve(now);
  report.active = true;
  report.offset = base::Seconds{shown.offset};
  report.frequency = base::ppm_of_ratio(shown.frequency);
  report.wander = shown.wander() * 1e6;
  report.last_update = base::to_seconds(now - *since_);
  report.remaining = shown.remaining();
  return report;
}

}  // namespace gnomon::engine
