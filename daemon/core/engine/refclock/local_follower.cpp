// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/local_follower.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::engine {

namespace {

constexpr double most = 500e-6;         // s/s, of a correction
constexpr double far_off = 1e-3;        // s off the line: a clock was moved
constexpr double fastest = 0.2;         // rad/s, of the control loop
constexpr double share_of_poll = 0.35;  // rad, of the loop in one poll interval: no ringing yet

double in_seconds(base::Duration d) {
  return base::to_seconds(d).count();
}

}  // namespace

base::Ppm LocalFollower::limited() const {
  return base::ppm_of_ratio(std::clamp(correction_, -most, most));
}

// A loop of the third order, critically damped: a frequency that changes evenly leaves nothing off the line.
// What a wavering oscillator leaves there is taken for wander of the clock by who measures true time, and the
// frequency is known no better than that when the network is gone.
void LocalFollower::follow(const FilteredReading& reading, double interval) {
  const double since = in_seconds(reading.at - line_->from.at);
  const double off = in_seconds(reading.theta - line_->from.theta) - *line_->slope * since;
  if (std::fabs(off) > far_off) {
    line_ = Line{.from = reading, .slope = line_->slope, .last = reading.at, .last_theta = reading.theta};
    return;
  }
  const double speed = std::min(fastest, share_of_poll / interval);
  const double most_change = most * speed;
  change_ = std::clamp(change_ + std::pow(speed, 3) * off * interval, -most_change, most_change);
  integral_ = std::clamp(integral_ + (change_ + 3 * speed * speed * off) * interval, -most, most);
  correction_ = integral_ + 3 * speed * off;
}

std::optional<base::Ppm> LocalFollower::add(const FilteredReading& reading) {
  if (!line_) {
    line_ = Line{.from = reading, .slope = {}, .last = reading.at, .last_theta = reading.theta};
    return std::nullopt;
  }
  const double interval = in_seconds(reading.at - line_->last);
  if (interval <= 0) return std::nullopt;
  if (!line_->slope) {
    line_->slope = in_seconds(reading.theta - line_->last_theta) / interval;
    line_->from = reading;
  } else {
    follow(reading, interval);
  }
  line_->last = reading.at;
  line_->last_theta = reading.theta;
  return limited();
}

}  // namespace gnomon::engine
