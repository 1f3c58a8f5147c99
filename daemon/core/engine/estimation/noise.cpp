// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/noise.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gnomon::engine {

namespace {

struct NoiseModel {
  bool edges = false;
  double excess = 0;     // share of the excess in the Gaussian deviation, where there are no edges
  double deviation = 0;  // of the Gaussian part, in scales
  double tilt = 0;       // per scale
};
constexpr std::array<NoiseModel, noise_models> models{{{true, 0, 0.05, 0},
                                                       {true, 0, 0.2, 0},
                                                       {true, 0, 0.05, 5},
                                                       {true, 0, 0.05, -5},
                                                       {false, 0.29, 0.1, 0},
                                                       {false, 0, 0.27, 0},
                                                       {true, 0, 0.8, 0}}};
// One in so many measurements is worse than its model knows.
constexpr double share_of_outliers = 0.01;
constexpr double outlier_reach = 5;

double density(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}

double tail(double x) {  // of the normal distribution, above x
  return std::erfc(x / std::numbers::sqrt2) / 2;
}

Pull gaussian(double innovation, double variance) {
  return {-0.5 * (innovation * innovation / variance + std::log(2 * std::numbers::pi * variance)),
          innovation / variance, 1 / variance};
}

// Beyond that deviation it is taken to be just as large as the innovation: the farther off a measurement is,
// the less it says.
Pull outlying(double innovation, double variance) {
  const double square = innovation * innovation;
  Pull p = gaussian(innovation, std::max(variance, square));
  if (square > variance) p.information = -p.information;
  return p;
}

// The integral of exp(tilt * e) over the half widths.
double log_area(double half_width, double tilt) {
  const double x = std::fabs(tilt) * half_width;
  if (x < 1e-3) return std::log(2 * half_width);
  return x + std::log1p(-std::exp(-2 * x)) - std::log(std::fabs(tilt));
}

// A Gaussian prediction against a density between edges.
Pull between_edges(double innovation, double variance, const Noise& noise) {
  const double s = std::sqrt(variance);
  const double shifted = innovation + noise.tilt * variance;
  const double a = (noise.half_width - shifted) / s;
  const double b = (-noise.half_width - shifted) / s;
  constexpr double far = 6;
  // Beyond the edge by so much, the density near the edge decides: it falls off exponentially.
  if (a < -far || b > far) {
    const double edge = a < -far ? noise.half_width : -noise.half_width;
    const double fall = noise.tilt + (innovation - edge) / variance;
    Pull p = gaussian(innovation - edge, variance);
    p.log_likelihood +=
        noise.tilt * edge - log_area(noise.half_width, noise.tilt) - std::log(std::fabs(fall));
    p.gain += 1 / (variance * fall);
    p.information -= 1 / (variance * variance * fall * fall);
    return p;
  }
  const double inside = b > 0 ? tail(b) - tail(a) : tail(-a) - tail(-b);
  const double mass = std::max(inside, 1e-30);
  const double slope = (density(a) - density(b)) / (s * mass);
  Pull p;
  p.log_likelihood = noise.tilt * innovation + noise.tilt * noise.tilt * variance / 2 -
                     log_area(noise.half_width, noise.tilt) + std::log(mass);
  p.gain = slope - noise.tilt;
  p.information = std::max((a * density(a) - b * density(b)) / (variance * mass) + slope * slope, 0.0);
  return p;
}

// Of a measurement that is no news altogether only so much counts: as if its own variance were that much
// larger. What of the pull remains: all but nothing of it is lost where the prediction was worth nothing.
double tempered(double information, double variance, double share) {
  const double own = information > 0 ? 1 / information - variance : 0;
  if (own <= 0) return share;
  return (variance + own) / (variance + own / share);
}

}  // namespace

Noise noise_of(const Excess& excess, std::size_t model, double precision) {
  const NoiseModel& m = models[model];
  Noise noise;
  const double total = excess.over + std::max(excess.hidden, excess.resolution);
  const double scale = std::max(excess.scale, excess.resolution);
  noise.half_width = m.edges ? total / 2 : 0;
  noise.deviation = std::hypot(m.deviation * scale + (m.edges ? 0 : m.excess * total), precision);
  // Clocks that tick err either way alike.
  if (excess.resolution < excess.scale) noise.tilt = m.tilt / std::max(scale, precision);
  noise.share = (1 - excess.likeness) / (1 + excess.likeness);
  return noise;
}

Pull pull_of(double innovation, double variance, const Noise& noise) {
  const double v = variance + noise.deviation * noise.deviation;
  // Much narrower than the prediction is blurred: only the width can be told.
  const double spread = noise.half_width * noise.half_width / 3;
  const Pull usual =
      spread > 1e-4 * v ? between_edges(innovation, v, noise) : gaussian(innovation, v + spread);
  const double reach = outlier_reach * (noise.half_width + noise.deviation);
  const Pull outlier = outlying(innovation, variance + reach * reach);
  const double one = std::log1p(-share_of_outliers) + usual.log_likelihood;
  const double other = std::log(share_of_outliers) + outlier.log_likelihood;
  const double most = std::max(one, other);
  Pull p;
  p.log_likelihood = most + std::log(std::exp(one - most) + std::exp(other - most));
  const double share = std::exp(one - p.log_likelihood);
  const double difference = usual.gain - outlier.gain;
  p.gain = share * usual.gain + (1 - share) * outlier.gain;
  p.information = std::max(share * usual.information + (1 - share) * outlier.information -
                               share * (1 - share) * difference * difference,
                           0.0);
  const double part = tempered(p.information, variance, noise.share);
  p.log_likelihood *= noise.share;
  p.gain *= part;
  p.information *= part;
  // More than the prediction's own uncertainty cannot be learnt.
  p.information = std::min(p.information, (1 - 1e-9) / variance);
  return p;
}

}  // namespace gnomon::engine
