// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/regression.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gnomon::engine {

namespace {

constexpr double largest_skew = 2e-3;      // unless the clocks can be read no better
constexpr double steepest = 0.5;           // s/s; what is beyond was not measured of a clock
constexpr double finest_precision = 1e-9;  // s
constexpr double largest_precision = 1.0;  // s

// Noise of each sample from the excess of its round trip over the shortest one: with independent queues on
// both ways the error is uniform within half the excess on either side, variance excess^2 / 12. The offset
// added to the excess stands for the noise that no round trip shows.
std::vector<double> variances(const std::deque<Observation>& window, double precision) {
  double floor = std::numeric_limits<double>::max();
  for (const auto& o : window) floor = std::min(floor, o.delay.count());
  double mean = 0;
  for (const auto& o : window) mean += (o.delay.count() - floor) / static_cast<double>(window.size());
  const double hidden = std::max(precision, 0.5 * mean);
  std::vector<double> result;
  result.reserve(window.size());
  for (const auto& o : window) {
    const double excess = o.delay.count() - floor + hidden;
    result.push_back(excess * excess / 12);
  }
  return result;
}

double excess_of(const Observation& o, const std::deque<Observation>& window,
                 const RegressionLimits& limits) {
  if (limits.shortest.count() > 0) return std::max(o.delay.count() - limits.shortest.count(), 0.0);
  double floor = o.delay.count();
  for (const auto& other : window) floor = std::min(floor, other.delay.count());
  return o.delay.count() - floor;
}

std::vector<Point> points_of(const std::deque<Observation>& window, const RegressionLimits& limits,
                             double precision) {
  const std::vector<double> variance = variances(window, precision);
  const Observation& last = window.back();
  std::vector<Point> points;
  points.reserve(window.size());
  for (std::size_t i = 0; i < window.size(); ++i) {
    const double asymmetric =
        limits.asymmetry == 0 ? 0 : limits.asymmetry * excess_of(window[i], window, limits);
    points.push_back({base::to_seconds(window[i].at - last.at).count(),
                      base::to_seconds(window[i].theta - last.theta).count() + asymmetric, variance[i]});
  }
  return points;
}

}  // namespace

double t_quantile(std::size_t degrees_of_freedom) {
  constexpr std::array<double, 11> table{12.706, 12.706, 4.303, 3.182, 2.776, 2.571,
                                         2.447,  2.365,  2.306, 2.262, 2.228};
  if (degrees_of_freedom < table.size()) return table[degrees_of_freedom];
  return 1.96 + 2.6 / static_cast<double>(degrees_of_freedom);
}

std::uint32_t fewest_runs(std::size_t count) {
  const double n = static_cast<double>(count);
  const double limit = n / 2 + 1 - 1.1 * std::sqrt(n - 1) / 2;
  return limit > 0 ? static_cast<std::uint32_t>(limit) + 1 : 1;
}

Line fit_line(const std::vector<Point>& points) {
  double w_sum = 0;
  double x_mean = 0;
  double y_mean = 0;
  for (const auto& p : points) {
    w_sum += 1 / p.variance;
    x_mean += p.x / p.variance;
    y_mean += p.y / p.variance;
  }
  x_mean /= w_sum;
  y_mean /= w_sum;
  double xx = 0;
  double xy = 0;
  for (const auto& p : points) {
    xx += (p.x - x_mean) * (p.x - x_mean) / p.variance;
    xy += (p.x - x_mean) * (p.y - y_mean) / p.variance;
  }
  Line line;
  line.slope = xy / xx;
  line.intercept = y_mean - line.slope * x_mean;
  double chi2 = 0;
  bool above = false;
  for (const auto& p : points) {
    const double residual = p.y - line.intercept - line.slope * p.x;
    chi2 += residual * residual / p.variance;
    if (line.runs == 0 || (residual > 0) != above) ++line.runs;
    above = residual > 0;
  }
  const double n = static_cast<double>(points.size());
  const double scale = chi2 / (n - 2);  // what the variances are to be multiplied with
  line.slope_deviation = std::sqrt(scale / xx);
  line.intercept_deviation = std::sqrt(scale * (1 / w_sum + x_mean * x_mean / xx));
  line.deviation = std::sqrt(scale * n / w_sum);
  return line;
}

void Regression::add(const Observation& observation) {
  // Time that does not advance would make the line vertical.
  if (!window_.empty() && observation.at <= window_.back().at) return;
  window_.push_back(observation);
  const auto most = static_cast<std::size_t>(std::clamp(limits_.max_samples, 1, 64));
  while (window_.size() > most) window_.pop_front();
  fit();
}

void Regression::clear() {
  window_.clear();
  estimate_.reset();
}

void Regression::move(base::Duration by) {
  for (auto& observation : window_) observation.theta += by;
  if (estimate_) estimate_->theta += by;
}

void Regression::fit() {
  const double precision = std::clamp(limits_.precision.count(), finest_precision, largest_precision);
  Estimate e;
  const auto least = static_cast<std::size_t>(std::max(limits_.min_samples, 3));
  Line line;
  while (window_.size() >= 3) {
    line = fit_line(points_of(window_, limits_, precision));
    if (window_.size() <= least || line.runs >= fewest_runs(window_.size())) break;
    window_.pop_front();
    ++e.dropped;
  }
  const Observation& last = window_.back();
  e.at = last.at;
  e.samples = static_cast<std::uint32_t>(window_.size());
  e.span = last.at - window_.front().at;
  const Observation& best = *std::min_element(window_.begin(), window_.end(),
                                              [](const auto& a, const auto& b) { return a.delay < b.delay; });
  e.delay = best.delay;
  if (window_.size() >= 3) {
    e.theta = last.theta + base::to_duration(base::Seconds{line.intercept});
    e.frequency = std::clamp(line.slope, -steepest, steepest);
    const double floor = precision / std::max(base::to_seconds(e.span).count(), 1e-3);
    e.skew = std::max(floor, std::min(largest_skew, t_quantile(window_.size() - 2) * line.slope_deviation));
    e.deviation = base::Seconds{std::max(line.deviation, precision)};
    e.error = base::Seconds{std::max(line.intercept_deviation, precision)};
    e.runs = line.runs;
    e.has_frequency = true;
  } else {
    // One or two samples: the one with the shortest round trip.
    e.theta = best.theta;
    e.error = best.delay / 2.0 + best.dispersion;
    e.deviation = e.error;
    e.runs = 1;
  }
  estimate_ = e;
}

}  // namespace gnomon::engine
