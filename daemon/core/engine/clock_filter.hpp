// SPDX-License-Identifier: GPL-2.0-or-later
// Offset and frequency of the free-running clock and the bias of each source under one hypothesis, by a
// Kalman filter that takes noise of any shape. Owned by the filter bank.
#pragma once

#include <cstddef>
#include <vector>

#include "daemon/core/engine/noise.hpp"

namespace gnomon::engine {

class ClockFilter {
 public:
  static constexpr std::size_t offset = 0;
  static constexpr std::size_t frequency = 1;
  static constexpr std::size_t first_bias = 2;

  // Offset zero, exactly: it must be widened to what is known of it.
  ClockFilter(double first_frequency, double frequency_deviation);
  void add_bias(double deviation);
  // wander: s^2/s^3, of the frequency
  void predict(double seconds, double wander);
  // A measurement of offset + bias. Its log likelihood.
  double update(double measured, std::size_t bias, const Noise& noise);
  void widen(std::size_t state, double variance) { p(state, state) += variance; }

  [[nodiscard]] double value(std::size_t state) const { return x_[state]; }
  [[nodiscard]] double variance(std::size_t state) const { return p_[state * x_.size() + state]; }
  // By how much the variance of the offset will have grown after that time.
  [[nodiscard]] double growth(double seconds, double wander) const;
  // Of offset + bias.
  [[nodiscard]] double measured_variance(std::size_t bias) const;
  [[nodiscard]] std::size_t size() const { return x_.size(); }

 private:
  double& p(std::size_t row, std::size_t column) { return p_[row * x_.size() + column]; }

  std::vector<double> x_;
  std::vector<double> p_;  // covariance, row by row
  std::vector<double> gain_;
};

}  // namespace gnomon::engine
