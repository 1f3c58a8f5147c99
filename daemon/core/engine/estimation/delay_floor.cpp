// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/delay_floor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace gnomon::engine {

namespace {

constexpr std::size_t most_delays = 128;
constexpr std::size_t few = 4;        // far more above it
constexpr double least_scale = 1e-7;  // s; no clock reads finer for certain
constexpr double far = 4;             // in scales
constexpr double first_guess = 0.1;   // of the scale by a single round trip, which need not be a short one
constexpr int confirmed_within = 2;   // round trips after the first one far below the floor

double median_above(const std::vector<double>& delays, double floor) {
  std::vector<double> over;
  over.reserve(delays.size());
  for (const double d : delays) over.push_back(std::max(d - floor, 0.0));
  const auto middle = over.begin() + static_cast<std::ptrdiff_t>(over.size() / 2);
  std::nth_element(over.begin(), middle, over.end());
  return *middle;
}

// The shortest of so many round trips lies so many scales below the next one: there is something wrong with
// it. Rarely so by chance (1 % with queues of any usual kind).
double too_far_below(double count) {
  return std::max(0.9, 20 / count);
}

// Round trips of a wider scale would rarely be that close together (5 %).
double widest_scale(const std::deque<double>& delays) {
  constexpr double rarely = 0.05;
  if (delays.size() < 2) return std::numeric_limits<double>::infinity();
  const auto [least, most] = std::ranges::minmax(delays);
  return (most - least) * std::pow(rarely, -1.0 / static_cast<double>(delays.size() - 1));
}

}  // namespace

void DelayFloor::measure() {
  const double n = static_cast<double>(delays_.size());
  std::vector<double> delays(delays_.begin(), delays_.end());
  std::partial_sort(delays.begin(), delays.begin() + std::min<std::ptrdiff_t>(2, std::ssize(delays)),
                    delays.end());
  floor_ = fixed_ > 0 ? fixed_ : delays.front();
  double middle = median_above(delays, floor_);
  if (fixed_ <= 0 && delays.size() >= few) {
    const double next = median_above({delays.begin() + 1, delays.end()}, delays[1]);
    if (delays[1] - delays[0] > too_far_below(n) * std::max(next, least_scale)) {
      floor_ = delays[1];
      middle = next;
    }
  }
  if (delays_.size() >= 2 * enough) inherited_ = 0;
  const double guess = std::min(first_guess * floor_ / (n * n), widest_scale(delays_));
  scale_ = inherited_ > 0 ? inherited_ : std::max({middle, guess, least_scale});
}

// What is beyond chance of the correlation between one round trip's excess and the next one's. Of the last
// ones only, since it falls as the interval grows; long ones are cut off, single ones would be all of it.
// From the steps between neighbours: those of a queue that only rises or falls are small at its ends as well,
// where a product with the mean would miss them.
void DelayFloor::compare_neighbours() {
  constexpr std::ptrdiff_t most_compared = 40;
  constexpr double chance = 1.6;  // standard deviations
  constexpr double longest = 4;   // scales
  constexpr double most = 0.95;
  likeness_ = 0;
  if (delays_.size() < 3 * enough) return;
  const auto first = delays_.end() - std::min(most_compared, std::ssize(delays_));
  const double n = static_cast<double>(delays_.end() - first);
  const auto cut = [this](double d) { return std::min(d - floor_, longest * scale_); };
  double mean = 0;
  for (auto d = first; d != delays_.end(); ++d) mean += cut(*d) / n;
  double square = 0;
  double steps = 0;
  double before = cut(*first);
  for (auto d = first; d != delays_.end(); ++d) {
    const double over = cut(*d);
    square += (over - mean) * (over - mean);
    steps += std::pow(over - std::exchange(before, over), 2);
  }
  if (square > 0) likeness_ = std::clamp(1 - steps / (2 * square) - chance / std::sqrt(n), 0.0, most);
}

bool DelayFloor::is_far_below(double delay) const {
  return fixed_ <= 0 && floor_ - delay > too_far_below(static_cast<double>(delays_.size())) * scale_;
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

FloorChange DelayFloor::rise() {
  std::size_t kept = 0;
  const double up = risen(kept);
  if (up <= 0) return {};
  const auto former = delays_.end() - static_cast<std::ptrdiff_t>(kept);
  const auto witnesses =
      std::count_if(delays_.begin(), former, [this](double d) { return d <= floor_ + far * scale_; });
  delays_.erase(delays_.begin(), former);
  inherited_ = scale_;
  measure();
  return {witnesses < std::ptrdiff_t{few} ? FloorChange::Kind::unfounded : FloorChange::Kind::risen, up};
}

// The first one is doubted, the second one believed.
FloorChange DelayFloor::fall(double delay) {
  const auto first = std::exchange(doubted_, delay);
  since_doubted_ = 0;
  if (!first) return {};
  const double before = floor_;
  doubted_.reset();
  delays_ = {*first, delay};
  inherited_ = scale_;
  measure();
  return {FloorChange::Kind::fallen, floor_ - before};
}

FloorChange DelayFloor::add(double delay) {
  const bool known = delays_.size() >= enough || inherited_ > 0;
  if (known && is_far_below(delay)) return fall(delay);
  if (doubted_ && ++since_doubted_ >= confirmed_within) doubted_.reset();
  delays_.push_back(delay);
  if (delays_.size() > most_delays) delays_.pop_front();
  measure();
  compare_neighbours();
  return rise();
}

Excess DelayFloor::excess(double delay) const {
  if (fixed_ > 0) return {std::max(delay - floor_, 0.0), scale_, 0, likeness_};
  // What the least of so many sums of two exponentials is on average.
  const double hidden =
      0.75 * scale_ / std::sqrt(static_cast<double>(std::max<std::size_t>(delays_.size(), 1)));
  // A timestamp that is late by L makes the round trip shorter by L and the offset wrong by half of that.
  const double below = delays_.size() > 1 ? floor_ - delay : 0;
  if (below > 0) return {2 * below, scale_, hidden, likeness_};
  return {std::max(delay - floor_, 0.0), scale_, hidden, likeness_};
}

}  // namespace gnomon::engine
