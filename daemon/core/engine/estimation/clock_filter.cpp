// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/clock_filter.hpp"

#include <algorithm>

namespace gnomon::engine {

ClockFilter::ClockFilter(double first_frequency, double frequency_deviation) {
  x_[frequency] = first_frequency;
  p(frequency, frequency) = frequency_deviation * frequency_deviation;
}

void ClockFilter::add_bias(double deviation) {
  renew_bias(count_++, deviation);
}

void ClockFilter::renew_bias(std::size_t state, double deviation) {
  x_[state] = 0;
  for (std::size_t i = 0; i < count_; ++i) p(i, state) = p(state, i) = 0;
  p(state, state) = deviation * deviation;
}

void ClockFilter::remove_bias(std::size_t state) {
  for (std::size_t i = state; i + 1 < count_; ++i) {
    x_[i] = x_[i + 1];
    p_[i] = p_[i + 1];
  }
  --count_;
  for (std::size_t i = 0; i < count_; ++i)
    for (std::size_t k = state; k < count_; ++k) p(i, k) = p(i, k + 1);
}

void ClockFilter::predict(double seconds, double wander) {
  x_[offset] += seconds * x_[frequency];
  for (std::size_t k = 0; k < count_; ++k) p(offset, k) += seconds * p(frequency, k);
  for (std::size_t k = 0; k < count_; ++k) p(k, offset) += seconds * p(k, frequency);
  p(offset, offset) += wander * seconds * seconds * seconds / 3;
  p(offset, frequency) += wander * seconds * seconds / 2;
  p(frequency, offset) = p(offset, frequency);
  p(frequency, frequency) += wander * seconds;
}

double ClockFilter::growth(double seconds, double wander) const {
  return 2 * seconds * p_[offset][frequency] + seconds * seconds * variance(frequency) +
         wander * seconds * seconds * seconds / 3;
}

double ClockFilter::measured_variance(std::size_t bias) const {
  return std::max(p_[offset][offset] + p_[bias][bias] + 2 * p_[offset][bias], 1e-24);
}

double ClockFilter::update(double measured, std::size_t bias, const Noise& noise) {
  const double innovation = measured - x_[offset] - x_[bias];
  const Pull pull = pull_of(innovation, measured_variance(bias), noise);
  States gain;
  for (std::size_t i = 0; i < count_; ++i) gain[i] = p(i, offset) + p(i, bias);
  for (std::size_t i = 0; i < count_; ++i) {
    x_[i] += gain[i] * pull.gain;
    const double scaled = gain[i] * pull.information;
    // Rounding must not make the two halves unlike.
    for (std::size_t k = i; k < count_; ++k) p(k, i) = p(i, k) -= scaled * gain[k];
  }
  for (std::size_t i = 0; i < count_; ++i) p(i, i) = std::max(p(i, i), 1e-30);
  return pull.log_likelihood;
}

}  // namespace gnomon::engine
