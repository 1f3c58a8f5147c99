// SPDX-License-Identifier: GPL-2.0-or-later
// The estimator by weighted linear regression over a window that the runs test keeps straight.
#pragma once

#include <deque>
#include <vector>

#include "daemon/core/engine/estimation/estimator.hpp"

namespace gnomon::engine {

class Regression final : public Estimator {
 public:
  explicit Regression(const EstimatorLimits& limits) : limits_(limits) {}
  void add(const Observation& observation) override;
  void clear() override;
  [[nodiscard]] std::optional<Estimate> estimate() const override { return estimate_; }

 private:
  void fit();

  EstimatorLimits limits_;
  std::deque<Observation> window_;
  std::optional<Estimate> estimate_;
};

// --- the mathematics, apart so that it can be tested
struct Point {
  double x = 0;
  double y = 0;
  double variance = 1;  // relative
};
struct Line {
  double intercept = 0;
  double slope = 0;
  double slope_deviation = 0;      // standard error of slope
  double intercept_deviation = 0;  // of the line at x = 0
  double deviation = 0;            // of a point of typical weight around the line
  std::uint32_t runs = 0;          // of the residuals' signs
};
// At least three points, not all at one x.
[[nodiscard]] Line fit_line(const std::vector<Point>& points);
// Fewer runs than this in so many residuals: not a straight line.
[[nodiscard]] std::uint32_t fewest_runs(std::size_t count);
// Two-sided 95 % quantile of Student's t.
[[nodiscard]] double t_quantile(std::size_t degrees_of_freedom);

}  // namespace gnomon::engine
