// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/oracle/delays.hpp"

#include <cmath>
#include <numbers>

namespace gnomon::bench {

namespace {

using simulation::Jitter;

double exponential(double x, double mean) {
  return x < 0 ? 0 : std::exp(-x / mean) / mean;
}

// On every tenth packet another exponential part, of 10 ms, is added.
double bursty(double x, double mean) {
  constexpr double burst = 10e-3;  // s
  if (x < 0) return 0;
  const double of_sum = (std::exp(-x / burst) - std::exp(-x / mean)) / (burst - mean);
  return 0.9 * exponential(x, mean) + 0.1 * of_sum;
}

double gamma(double x, double mean) {  // the sum of four
  const double y = x / mean;
  return x < 0 ? 0 : y * y * y * std::exp(-y) / (6 * mean);
}

double normal(double x, double deviation) {
  const double y = x / deviation;
  return std::exp(-y * y / 2) / (deviation * std::sqrt(2 * std::numbers::pi));
}

// exp(-x) I0(x), with the modified Bessel function: Abramowitz and Stegun 9.8.1 and 9.8.2.
double scaled_bessel(double x) {
  if (x < 3.75) {
    const double t = x / 3.75 * (x / 3.75);
    const double sum =
        1 + t * (3.5156229 +
                 t * (3.0899424 + t * (1.2067492 + t * (0.2659732 + t * (0.0360768 + t * 0.0045813)))));
    return std::exp(-x) * sum;
  }
  const double t = 3.75 / x;
  const double sum =
      0.39894228 +
      t * (0.01328592 +
           t * (0.00225319 +
                t * (-0.00157565 +
                     t * (0.00916281 +
                          t * (-0.02057706 + t * (0.02635537 + t * (-0.01647633 + t * 0.00392377)))))));
  return sum / std::sqrt(x);
}

// The square of a vector of two normal parts, each of which keeps a share of what it was: given the square
// before, it is distributed as a noncentral chi-square with two degrees of freedom.
double queue(double x, double mean, double previous, double passed) {
  constexpr double lasts = 600;  // s
  if (x < 0) return 0;
  if (passed < 0) return exponential(x, mean);
  const double kept = std::exp(-passed / lasts);
  const double fresh = 1 - kept * kept;
  const double square = 2 * x / mean;
  const double before = 2 * previous / mean;
  const double cross = kept * std::sqrt(square * before) / fresh;
  const double exponent = cross - (square + kept * kept * before) / (2 * fresh);
  return std::exp(exponent) * scaled_bessel(cross) / (mean * fresh);
}

}  // namespace

double density(const simulation::ServerModel& server, const Delay& delay) {
  const double mean = delay.back ? server.jitter_back.value_or(server.jitter) : server.jitter;
  switch (server.kind) {
    case Jitter::exponential:
      break;
    case Jitter::bursty:
      return bursty(delay.excess, mean);
    case Jitter::gamma:
      return gamma(delay.excess, mean);
    case Jitter::normal:
      return normal(delay.excess, mean);
    case Jitter::queue:
      return queue(delay.excess, mean, delay.previous, delay.passed);
  }
  return exponential(delay.excess, mean);
}

}  // namespace gnomon::bench
