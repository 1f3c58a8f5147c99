// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/clock_filter.hpp"

#include <algorithm>

namespace gnomon::engine {

ClockFilter::ClockFilter(double first_frequency, double frequency_deviation)
    : x_{0, first_frequency}, p_{0, 0, 0, frequency_deviation * frequency_deviation}, gain_(2) {}

void ClockFilter::add_bias(double deviation) {
  const std::size_t n = x_.size();
  std::vector<double> larger((n + 1) * (n + 1), 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < n; ++k) larger[i * (n + 1) + k] = p_[i * n + k];
  larger.back() = deviation * deviation;
  p_ = std::move(larger);
  x_.push_back(0);
  gain_.push_back(0);
}

void ClockFilter::predict(double seconds, double wander) {
  x_[offset] += seconds * x_[frequency];
  const std::size_t n = x_.size();
  for (std::size_t k = 0; k < n; ++k) p(offset, k) += seconds * p(frequency, k);
  for (std::size_t k = 0; k < n; ++k) p(k, offset) += seconds * p(k, frequency);
  p(offset, offset) += wander * seconds * seconds * seconds / 3;
  p(offset, frequency) += wander * seconds * seconds / 2;
  p(frequency, offset) = p(offset, frequency);
  p(frequency, frequency) += wander * seconds;
}

double ClockFilter::growth(double seconds, double wander) const {
  return 2 * seconds * p_[frequency] + seconds * seconds * variance(frequency) +
         wander * seconds * seconds * seconds / 3;
}

double ClockFilter::measured_variance(std::size_t bias) const {
  const std::size_t n = x_.size();
  const double v = p_[0] + p_[bias * n + bias] + 2 * p_[bias];
  return std::max(v, 1e-24);
}

double ClockFilter::update(double measured, std::size_t bias, const Noise& noise) {
  const std::size_t n = x_.size();
  const double innovation = measured - x_[offset] - x_[bias];
  const Pull pull = pull_of(innovation, measured_variance(bias), noise);
  for (std::size_t i = 0; i < n; ++i) gain_[i] = p(i, offset) + p(i, bias);
  for (std::size_t i = 0; i < n; ++i) {
    x_[i] += gain_[i] * pull.gain;
    for (std::size_t k = 0; k < n; ++k) p(i, k) -= gain_[i] * gain_[k] * pull.information;
  }
  for (std::size_t i = 0; i < n; ++i) p(i, i) = std::max(p(i, i), 1e-30);
  return pull.log_likelihood;
}

}  // namespace gnomon::engine
