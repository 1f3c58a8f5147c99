// SPDX-License-Identifier: GPL-2.0-or-later
// A Kalman filter for one clock against several sources, with noise that is not Gaussian: offset, frequency
// and a bias for each source. Owned by a filter bank.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>

#include "daemon/core/engine/estimation/noise.hpp"

namespace gnomon::engine {

// Sources that steer together. The joint filter costs the square of their number, and what a further source
// adds falls with it.
inline constexpr std::size_t most_biases = 8;

class ClockFilter {
 public:
  // States: offset (s), frequency (s/s), and from there on biases (s).
  static constexpr std::size_t offset = 0;
  static constexpr std::size_t frequency = 1;
  static constexpr std::size_t first_bias = 2;
  static constexpr std::size_t most_states = first_bias + most_biases;
  using States = std::array<double, most_states>;

  // Nothing is known of the offset until a first measurement has widened it.
  ClockFilter() = default;
  ClockFilter(double first_frequency, double frequency_deviation);

  // A further state, expected to be 0 with that deviation. There are fewer than most_biases.
  void add_bias(double deviation);
  // It is another one from now on, expected to be 0 with that deviation.
  void renew_bias(std::size_t state, double deviation);
  // What is known of all the others stays as it is; those behind it move up.
  void remove_bias(std::size_t state);
  // So long without a measurement; wander in s^2/s^3.
  void predict(double seconds, double wander);
  // By how much the variance of the offset would grow with predict().
  [[nodiscard]] double growth(double seconds, double wander) const;
  // The logarithm of the measurement's likelihood.
  double update(double measured, std::size_t bias, const Noise& noise);
  // The state may have changed with that variance, s^2.
  void widen(std::size_t state, double variance) { p(state, state) += variance; }

  // All that is known of it is known to be wrong by that much, s.
  void move(std::size_t state, double by) { x_[state] += by; }

  [[nodiscard]] double value(std::size_t state) const { return x_[state]; }
  [[nodiscard]] std::size_t biases() const { return count_ - first_bias; }
  [[nodiscard]] double variance(std::size_t state) const { return p_[state][state]; }
  // Of offset + bias: what a measurement without noise would show.
  [[nodiscard]] double measured_variance(std::size_t bias) const;

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) { return std::tie(self.count_, self.x_, self.p_); }

 private:
  [[nodiscard]] double& p(std::size_t row, std::size_t column) { return p_[row][column]; }

  std::size_t count_ = first_bias;
  States x_{};
  std::array<States, most_states> p_{};
};

}  // namespace gnomon::engine
