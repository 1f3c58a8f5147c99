// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/rtc_tracker.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "daemon/core/engine/estimation/regression.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t samples_kept = 16;  // a quarter of an hour: its drift follows the temperature
constexpr std::size_t least_samples = 3;
constexpr std::size_t settling_samples = 8;
constexpr double largest_gain = 0.5;
constexpr double evenness = 1e-6;  // s: no interrupt is served that evenly

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

struct Fit {
  double fast = 0;
  double gain = 0;
  std::uint32_t runs = 0;
};

// The median of all slopes: an interrupt that was served late does not turn the line.
Fit fit_of(const std::vector<Point>& points) {
  std::vector<double> slopes;
  slopes.reserve(points.size() * points.size() / 2);
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1; j < points.size(); ++j)
      slopes.push_back((points[j].y - points[i].y) / (points[j].x - points[i].x));
  Fit fit;
  fit.gain = median(std::move(slopes));
  std::vector<double> offsets;
  offsets.reserve(points.size());
  for (const auto& p : points) offsets.push_back(p.y - fit.gain * p.x);
  fit.fast = median(offsets);
  bool above = false;
  for (const double offset : offsets) {
    const bool is_above = offset > fit.fast;
    // What is on the line is on neither side of it.
    const bool on_line = std::fabs(offset - fit.fast) < evenness;
    if (fit.runs == 0 || is_above != above || on_line) ++fit.runs;
    above = is_above;
  }
  return fit;
}

base::RtcFile to_file(const RtcLine& line) {
  return {line.reference, line.fast, base::ppm_of_ratio(line.gain)};
}

}  // namespace

RtcTracker::Plan RtcTracker::plan() const {
  if (settling_) return {0s, static_cast<std::uint8_t>(settling_samples)};
  constexpr base::Duration shortest = 15s;
  const auto n = samples_.size();
  if (n < 4) return {shortest, 1};
  if (n < 6) return {2 * shortest, 1};
  return {4 * shortest, 1};
}

std::optional<base::RtcFile> RtcTracker::add(std::int64_t reading, LocalTime at, const TrueTime& true_time) {
  if (samples_.size() >= samples_kept) samples_.pop_front();
  // Somebody set it back, or our clock did not go on.
  if (!samples_.empty() && (samples_.back().reading >= reading || samples_.back().at >= at)) samples_.clear();
  samples_.push_back({reading, at});
  if (!settling_) {
    fit(true_time);
    return std::nullopt;
  }
  return samples_.size() < settling_samples ? std::nullopt : settle(true_time);
}

// A few seconds tell where it stands, and nothing of how fast it gains.
std::optional<base::RtcFile> RtcTracker::settle(const TrueTime& true_time) {
  fit(true_time);
  settling_ = false;
  samples_.clear();
  if (!line_) return std::nullopt;
  line_->gain = gain_before_;
  return to_file(*line_);
}

void RtcTracker::was_set(std::int64_t reading, base::RealTime at) {
  samples_.clear();
  settling_ = true;
  gain_before_ = line_ ? line_->gain : 0;
  // The next second begins half a second later.
  const base::Duration ahead = std::chrono::seconds{reading} + 500ms - at.time_since_epoch();
  line_ = RtcLine{.reference = reading, .fast = base::to_seconds(ahead), .gain = gain_before_};
  known_ = true;
}

base::Seconds RtcTracker::fast(const Sample& sample, const TrueTime& true_time) {
  return base::to_seconds(std::chrono::seconds{sample.reading} - true_time(sample.at).time_since_epoch());
}

std::optional<base::Seconds> RtcTracker::fast(const TrueTime& true_time) const {
  if (!samples_.empty() && samples_.size() < least_samples) return fast(samples_.back(), true_time);
  if (!line_) return std::nullopt;
  return line_->fast;
}

void RtcTracker::fit(const TrueTime& true_time) {
  while (samples_.size() >= least_samples) {
    const auto& last = samples_.back();
    std::vector<Point> points;
    points.reserve(samples_.size());
    for (const auto& s : samples_)
      points.push_back({static_cast<double>(s.reading - last.reading), fast(s, true_time).count()});
    const auto fit = fit_of(points);
    if (samples_.size() > least_samples && fit.runs < fewest_runs(samples_.size())) {
      samples_.pop_front();
      continue;
    }
    line_ = RtcLine{.reference = last.reading,
                    .fast = base::Seconds{fit.fast},
                    .gain = std::clamp(fit.gain, -largest_gain, largest_gain),
                    .samples = static_cast<std::uint32_t>(samples_.size()),
                    .runs = fit.runs,
                    .span = base::Seconds{static_cast<double>(last.reading - samples_.front().reading)}};
    known_ = true;
    return;
  }
}

std::optional<base::RtcFile> RtcTracker::file() const {
  if (!known_ || !line_) return std::nullopt;
  return to_file(*line_);
}

}  // namespace gnomon::engine
