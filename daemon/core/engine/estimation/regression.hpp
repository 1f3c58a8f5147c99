// SPDX-License-Identifier: GPL-2.0-or-later
// What one source's samples say of our free-running clock: weighted linear regression over a window that the
// runs test keeps straight. Owned by the timekeeper's record of that source.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <tuple>
#include <vector>

#include "base/time.hpp"
#include "daemon/core/engine/estimation/estimate.hpp"

namespace gnomon::engine {

struct RegressionLimits {
  int min_samples = 6;   // not dropped by the test for a straight line
  int max_samples = 64;  // 1..64
  base::Seconds precision{1e-7};
  double asymmetry = 0;      // of the excess of round trips, -0.5..0.5: positive, on the way back
  base::Seconds shortest{};  // round trip that the excess counts from; 0: the shortest one kept
};

class Regression {
 public:
  explicit Regression(const RegressionLimits& limits) : limits_(limits) {}
  void add(const Observation& observation);
  void clear();
  // What was measured so far was wrong by that much.
  void move(base::Duration by);
  // nullopt: no sample yet
  [[nodiscard]] std::optional<Estimate> estimate() const { return estimate_; }

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.limits_, self.window_, self.estimate_); }

 private:
  void fit();

  RegressionLimits limits_;
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
