// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/delay_floor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace gnomon::engine {

namespace {

constexpr std::size_t most_delays = 128;
constexpr double far = 4;            // in scales
constexpr double first_guess = 0.1;  // of the scale by a single round trip, which need not be a short one

}  // namespace

void DelayFloor::measure() {
  floor_ = *std::min_element(delays_.begin(), delays_.end());
  std::vector<double> over;
  over.reserve(delays_.size());
  for (const double d : delays_) over.push_back(d - floor_);
  const auto middle = over.begin() + static_cast<std::ptrdiff_t>(over.size() / 2);
  std::nth_element(over.begin(), middle, over.end());
  const double n = static_cast<double>(delays_.size());
  scale_ = std::max(*middle, first_guess * floor_ / (n * n));
}

double DelayFloor::risen() const {
  if (delays_.size() < 2 * enough) return 0;
  const auto recent = delays_.end() - static_cast<std::ptrdiff_t>(enough);
  const double least = *std::min_element(recent, delays_.end());
  return least - floor_ > far * scale_ ? least - floor_ : 0;
}

double DelayFloor::add(double delay) {
  const bool fallen = delays_.size() >= enough && floor_ - delay > far * scale_;
  const double before = floor_;
  if (fallen) delays_.clear();
  delays_.push_back(delay);
  if (delays_.size() > most_delays) delays_.pop_front();
  const double scale = scale_;
  measure();
  if (fallen) scale_ = scale;
  const double up = risen();
  if (up > 0) {
    delays_.erase(delays_.begin(), delays_.end() - static_cast<std::ptrdiff_t>(enough));
    measure();
    return up;
  }
  return fallen ? delay - before : 0;
}

Excess DelayFloor::excess(double delay) const {
  // What the least of so many sums of two exponentials is on average.
  const double hidden =
      0.75 * scale_ / std::sqrt(static_cast<double>(std::max<std::size_t>(delays_.size(), 1)));
  return {std::max(delay - floor_, 0.0), scale_, hidden};
}

}  // namespace gnomon::engine
