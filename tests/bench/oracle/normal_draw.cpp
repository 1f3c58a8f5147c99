// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/oracle/normal_draw.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gnomon::bench {

namespace {

double below(double x) {  // the standard normal distribution function
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

// Where it reaches p, at most 1/2: Abramowitz and Stegun 26.2.23, then a step of Newton's.
double quantile(double p) {
  const double t = std::sqrt(-2 * std::log(p));
  const double x =
      (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
  return density > 0 ? x - (below(x) - p) / density : x;
}

}  // namespace

CutDraw draw_between(double low, double high, double mean, double deviation, double uniform) {
  double a = (low - mean) / deviation;
  double b = (high - mean) / deviation;
  // In the upper tail the function is too near to 1.
  const bool mirrored = a + b > 0;
  if (mirrored) {
    const double other = a;
    a = -b;
    b = -other;
  }
  const double from = below(a);
  const double mass = below(b) - from;
  if (!(mass > 0)) return {};
  const double p = std::max(from + uniform * mass, 1e-300);
  double x = p <= 0.5 ? quantile(p) : -quantile(std::max(1 - p, 1e-300));
  x = std::min(std::max(x, a), b);
  return {mean + deviation * (mirrored ? -x : x), mass};
}

}  // namespace gnomon::bench
