// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/reading_filter.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace gnomon::engine {

namespace {

constexpr double share = 0.6;
// Standard deviations beyond which a reading is an outlier, as the distance of the middle ones has it.
constexpr double outlying_from = 3.5;
constexpr double distance_of_share = 0.8416;  // of normal readings, that 60 % are within

struct Level {  // a reading without the drift since the first one
  LocalTime at;
  double theta = 0;  // s, beyond the first one's
  double dispersion = 0;
};

std::vector<Level> levels_of(const std::deque<FilteredReading>& readings, double frequency) {
  const auto& first = readings.front();
  std::vector<Level> levels;
  levels.reserve(readings.size());
  for (const auto& r : readings)
    levels.push_back({r.at,
                      base::to_seconds(r.theta - first.theta).count() -
                          frequency * base::to_seconds(r.at - first.at).count(),
                      r.dispersion.count()});
  return levels;
}

// Those around the median come first. How many they are; of two or less both.
std::size_t sort_by_distance(std::vector<Level>& levels) {
  if (levels.size() < 3) return levels.size();
  std::ranges::sort(levels, {}, &Level::theta);
  const double median = (levels[(levels.size() - 1) / 2].theta + levels[levels.size() / 2].theta) / 2;
  const auto distance = [median](const Level& l) { return std::fabs(l.theta - median); };
  std::ranges::sort(levels, {}, distance);
  const auto middle = static_cast<std::size_t>(std::ceil(share * static_cast<double>(levels.size())));
  const double farthest = outlying_from / distance_of_share * distance(levels[middle - 1]);
  std::erase_if(levels, [&](const Level& l) { return distance(l) > farthest; });
  return middle;
}

double deviation_of(std::span<const Level> levels) {
  const auto count = static_cast<double>(levels.size());
  if (count < 2) return 0;
  double mean = 0;
  for (const auto& level : levels) mean += level.theta / count;
  double square = 0;
  for (const auto& level : levels) square += (level.theta - mean) * (level.theta - mean);
  return std::sqrt(square / (count - 1));
}

}  // namespace

void ReadingFilter::add(const FilteredReading& reading) {
  last_ = reading;
  readings_.push_back(reading);
  if (readings_.size() > most_) readings_.pop_front();
}

std::optional<FilteredReading> ReadingFilter::take(double frequency) {
  if (readings_.empty()) return std::nullopt;
  const auto first = readings_.front();
  auto levels = levels_of(std::exchange(readings_, {}), frequency);
  const auto middle = sort_by_distance(levels);
  const auto count = static_cast<double>(levels.size());
  base::Duration since{};
  double theta = 0;
  double dispersion = 0;
  for (const auto& level : levels) {
    since += level.at - first.at;
    theta += level.theta / count;
    dispersion += level.dispersion / count;
  }
  const base::Seconds spread{deviation_of(std::span{levels}.first(middle))};
  constexpr double newest = 0.25;  // share of the last interval in the average
  if (count > 1)
    usual_spread_ += (spread - usual_spread_) * (usual_spread_ > base::Seconds{0} ? newest : 1.0);
  const LocalTime at = first.at + since / static_cast<std::int64_t>(levels.size());
  const double moved = theta + frequency * base::to_seconds(at - first.at).count();
  return FilteredReading{.at = at,
                         .theta = first.theta + base::to_duration(base::Seconds{moved}),
                         .dispersion = base::Seconds{dispersion},
                         .spread = spread,
                         .count = levels.size()};
}

}  // namespace gnomon::engine
