// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/known_drift.hpp"

#include <cmath>
#include <random>

namespace gnomon::simulation {

KnownDrift known_drift(const Oscillator& oscillator, std::uint64_t seed) {
  // The machine was off for a minute and is a little cooler now.
  constexpr double cooled = 0.1e-6;  // s/s
  constexpr double was_off = 60;     // s
  const double deviation = std::hypot(cooled, oscillator.wander * std::sqrt(was_off));
  std::mt19937_64 random(seed + 4000);
  std::normal_distribution<double> error(0, deviation);
  return {Drift(oscillator).at(0) + error(random), deviation};
}

}  // namespace gnomon::simulation
