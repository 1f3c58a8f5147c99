// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/reading_filter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace gnomon::engine {

namespace {

constexpr double share = 0.6;

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

// The ones around the median; of two or less both.
void keep_middle(std::vector<Level>& levels) {
  if (levels.size() < 3) return;
  std::ranges::sort(levels, {}, &Level::theta);
  const double median = (levels[(levels.size() - 1) / 2].theta + levels[levels.size() / 2].theta) / 2;
  std::ranges::sort(levels, {}, [median](const Level& l) { return std::fabs(l.theta - median); });
  levels.resize(static_cast<std::size_t>(std::ceil(share * static_cast<double>(levels.size()))));
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
  keep_middle(levels);
  const auto count = static_cast<double>(levels.size());
  base::Duration since{};
  double theta = 0;
  double dispersion = 0;
  for (const auto& level : levels) {
    since += level.at - first.at;
    theta += level.theta / count;
    dispersion += level.dispersion / count;
  }
  double square = 0;
  for (const auto& level : levels) square += (level.theta - theta) * (level.theta - theta);
  const base::Seconds spread{count > 1 ? std::sqrt(square / (count - 1)) : 0};
  constexpr double newest = 0.25;  // share of the last interval in the average
  if (count > 1)
    usual_spread_ += (spread - usual_spread_) * (usual_spread_ > base::Seconds{0} ? newest : 1.0);
  const LocalTime at = first.at + since / static_cast<std::int64_t>(levels.size());
  const double moved = theta + frequency * base::to_seconds(at - first.at).count();
  return FilteredReading{.at = at,
                         .theta = first.theta + base::to_duration(base::Seconds{moved}),
                         .dispersion = base::Seconds{dispersion},
                         .spread = spread};
}

}  // namespace gnomon::engine
