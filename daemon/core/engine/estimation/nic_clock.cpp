// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/nic_clock.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/core/engine/estimation/regression.hpp"

namespace gnomon::engine {

namespace {

constexpr int fewest_samples = 2;
constexpr int most_samples = 64;
constexpr double largest_rate_error = 2.0 / 3.0;  // a card's clock may be adjusted by much, but not so much
constexpr double forgets_in = 1.02;               // of the typical width, with each sample
constexpr double slack = 1.15;

double seconds(base::Duration duration) {
  return base::to_seconds(duration).count();
}

}  // namespace

NicClock::NicClock(const NicClockSettings& settings) : settings_(settings) {
  settings_.min_samples = std::clamp(settings_.min_samples, fewest_samples, most_samples);
  settings_.max_samples = std::clamp(settings_.max_samples, settings_.min_samples, most_samples);
}

void NicClock::clear() {
  samples_.clear();
  line_.reset();
  typical_width_ = 0;
}

// The mean of those that nothing disturbed: as narrow as the narrowest one of late.
std::optional<NicClock::Sample> NicClock::best_of(std::span<const NicReading> readings) {
  double narrowest = HUGE_VAL;
  for (const auto& r : readings) {
    const double width = seconds(r.after - r.before);
    if (width < 0) return std::nullopt;  // our clock was stepped meanwhile
    narrowest = std::min(narrowest, width);
  }
  if (readings.empty()) return std::nullopt;
  typical_width_ = samples_.empty() ? narrowest : std::min(narrowest, typical_width_ * forgets_in);
  const double limit = std::max({narrowest, typical_width_ * slack, settings_.precision.count()});
  const auto& first = readings.front();
  double card = 0, local = 0, widths = 0;
  int count = 0;
  for (const auto& r : readings) {
    const double width = seconds(r.after - r.before);
    if (width > limit) continue;
    card += seconds(r.card - first.card);
    local += seconds(r.before - first.before) + width / 2;
    widths += width;
    ++count;
  }
  const auto mean = [count](double sum) { return base::to_duration(base::Seconds{sum / count}); };
  return Sample{first.card + mean(card), first.before + mean(local),
                std::max(widths / count / 2, settings_.precision.count())};
}

void NicClock::add(std::span<const NicReading> readings) {
  const auto sample = best_of(readings);
  if (!sample) return clear();
  if (!samples_.empty() && (sample->card <= samples_.back().card || sample->local <= samples_.back().local))
    clear();
  samples_.push_back(*sample);
  while (samples_.size() > static_cast<std::size_t>(settings_.max_samples)) samples_.pop_front();
  fit();
}

void NicClock::fit() {
  line_.reset();
  if (samples_.size() < fewest_samples) return;
  const Sample last = samples_.back();
  while (true) {
    std::vector<Point> points;
    points.reserve(samples_.size());
    for (const auto& s : samples_)
      points.push_back({seconds(s.local - last.local), seconds(s.card - last.card), s.error * s.error});
    Line line;
    if (points.size() == fewest_samples)
      line.slope = points[0].y / points[0].x;
    else
      line = fit_line(points);
    const bool may_drop = points.size() > static_cast<std::size_t>(std::max(settings_.min_samples, 3));
    if (may_drop && line.runs < fewest_runs(points.size())) {
      samples_.pop_front();
      continue;
    }
    // The last reading holds whatever the older ones say: else the card's clock was set.
    if (std::fabs(line.intercept) > last.error || std::fabs(line.slope - 1) > largest_rate_error) {
      samples_ = {last};
      return;
    }
    line_ = NicLine{last.card + base::to_duration(base::Seconds{line.intercept}), last.local, line.slope,
                    base::Seconds{last.error}};
    return;
  }
}

}  // namespace gnomon::engine
