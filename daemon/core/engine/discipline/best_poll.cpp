// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/best_poll.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace gnomon::engine {

// About until the clock's wander has grown to the noise of a sample, less where that is long.
PollAdvice best_poll(const PollFigures& figures) {
  // Something has happened that further measurements must explain.
  if (figures.surprised) return {.best = std::numeric_limits<std::int8_t>::min()};
  constexpr double usual = 64;  // s
  constexpr double share = 1.1;
  constexpr double stretch = 0.9;
  constexpr double measurements_to_know = 8;
  const double noise = std::max(figures.noise.count(), 1e-9);
  const double matched = std::cbrt(noise * noise / figures.wander);
  const double suitable = usual * share * std::pow(matched / usual, stretch);
  // As long as the frequency is hardly known, the clock would be far off by then.
  const double bearable = noise / figures.skew;
  // How the clock wanders takes many measurements to know.
  const double early = std::max(figures.known_for.count() / measurements_to_know, usual);
  const double best = std::log2(std::clamp(std::min({suitable, bearable, early}), 1e-3, 1e6));
  return {.best = best - std::log2(std::max(figures.poll_target, 1) / 8.0)};
}

}  // namespace gnomon::engine
