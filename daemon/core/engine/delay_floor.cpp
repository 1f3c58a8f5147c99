// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/delay_floor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace gnomon::engine {

namespace {

constexpr std::size_t most_delays = 128;
constexpr std::size_t few = 4;        // far more above it
constexpr double least_scale = 1e-7;  // s; no clock reads finer for certain
constexpr double far = 4;             // in scales
constexpr double first_guess = 0.1;   // of the scale by a single round trip, which need not be a short one

}  // namespace

void DelayFloor::measure() {
  floor_ = fixed_ > 0 ? fixed_ : *std::min_element(delays_.begin(), delays_.end());
  std::vector<double> over;
  over.reserve(delays_.size());
  for (const double d : delays_) over.push_back(std::fabs(d - floor_));
  const auto middle = over.begin() + static_cast<std::ptrdiff_t>(over.size() / 2);
  std::nth_element(over.begin(), middle, over.end());
  const double n = static_cast<double>(delays_.size());
  if (delays_.size() >= 2 * enough) inherited_ = 0;
  scale_ = inherited_ > 0 ? inherited_ : std::max({*middle, first_guess * floor_ / (n * n), least_scale});
}

// Many round trips above the floor, or some far above it and close together.
double DelayFloor::risen(std::size_t& kept) const {
  if (delays_.size() < 2 * enough || fixed_ > 0) return 0;
  double least = delays_.back();
  double most = least;
  kept = 0;
  for (auto d = delays_.rbegin(); kept < enough; ++d) {
    least = std::min(least, *d);
    most = std::max(most, *d);
    ++kept;
    const double above = least - floor_;
    if (above <= far * scale_) return 0;
    if (kept == few && above > 2 * far * scale_ && most - least < far * scale_) break;
  }
  return least - floor_;
}

double DelayFloor::add(double delay) {
  const bool known = fixed_ <= 0 && (delays_.size() >= enough || inherited_ > 0);
  const bool fallen = known && floor_ - delay > far * scale_;
  const double before = floor_;
  if (fallen) {
    delays_.clear();
    inherited_ = scale_;
  }
  delays_.push_back(delay);
  if (delays_.size() > most_delays) delays_.pop_front();
  measure();
  std::size_t kept = 0;
  const double up = risen(kept);
  if (up > 0) {
    delays_.erase(delays_.begin(), delays_.end() - static_cast<std::ptrdiff_t>(kept));
    inherited_ = scale_;
    measure();
    return up;
  }
  return fallen ? delay - before : 0;
}

Excess DelayFloor::excess(double delay) const {
  if (fixed_ > 0) return {std::max(delay - floor_, 0.0), scale_, 0};
  // What the least of so many sums of two exponentials is on average.
  const double hidden =
      0.75 * scale_ / std::sqrt(static_cast<double>(std::max<std::size_t>(delays_.size(), 1)));
  return {std::max(delay - floor_, 0.0), scale_, hidden};
}

}  // namespace gnomon::engine
