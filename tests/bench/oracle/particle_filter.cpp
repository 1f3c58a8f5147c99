// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/bench/oracle/particle_filter.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::bench {

ParticleFilter::ParticleFilter(std::size_t particles, const Prior& prior, std::uint64_t seed)
    : random_(seed),
      particles_(particles, {0, prior.frequency, 1}),
      offset_variance_(prior.offset_deviation * prior.offset_deviation),
      frequency_variance_(prior.frequency_deviation * prior.frequency_deviation),
      mean_frequency_(prior.frequency) {}

void ParticleFilter::advance(double seconds) {
  passed_ += seconds;
  offset_shift_ += frequency_shift_ * seconds;
  noise_.offset += seconds * (2 * noise_.both + seconds * noise_.frequency);
  noise_.both += seconds * noise_.frequency;
}

void ParticleFilter::kick(double deviation, double realised) {
  noise_.frequency += deviation * deviation;
  frequency_shift_ -= realised;
}

CutDraw ParticleFilter::draw_within(const Likelihood::Support& support, double mean, double deviation) {
  constexpr double far = 8;  // deviations: beyond that there is nothing to cut off
  if (support.low < mean - far * deviation && mean + far * deviation < support.high)
    return {mean + deviation * normal_(random_), 1};
  const double uniform = std::uniform_real_distribution<double>()(random_);
  return draw_between(support.low, support.high, mean, deviation, uniform);
}

void ParticleFilter::move(Particle& particle, std::size_t number, const Likelihood& likelihood,
                          const Spread& spread) {
  const double foretold = particle.offset + particle.frequency * passed_ + offset_shift_;
  particle.frequency += frequency_shift_;
  double mean = foretold;
  double variance = spread.offset;
  const auto normal = likelihood.normal();
  if (normal.deviation > 0) {
    const double sum = spread.offset + normal.deviation * normal.deviation;
    const double innovation = normal.mean - foretold;
    mean += spread.offset / sum * innovation;
    variance *= normal.deviation * normal.deviation / sum;
    particle.weight *= std::exp(-innovation * innovation / (2 * sum));
  }
  const CutDraw draw = draw_within(likelihood.support(), mean, std::sqrt(variance));
  particle.weight *= draw.mass;
  if (particle.weight > 0) particle.weight *= likelihood.rest(number, draw.value);
  particle.offset = draw.value;
  particle.frequency += spread.both / spread.offset * (draw.value - foretold);
}

double ParticleFilter::update(const Likelihood& likelihood) {
  // Less than this between two measurements is rounding.
  constexpr double least_variance = 1e-28;  // s^2
  Spread spread = noise_;
  spread.offset += std::max(offset_variance_ + frequency_variance_ * passed_ * passed_, least_variance);
  spread.both += frequency_variance_ * passed_;
  spread.frequency += frequency_variance_;
  for (std::size_t i = 0; i < particles_.size(); ++i) move(particles_[i], i, likelihood, spread);
  frequency_variance_ = std::max(spread.frequency - spread.both * spread.both / spread.offset, 0.0);
  offset_variance_ = passed_ = offset_shift_ = frequency_shift_ = 0;
  noise_ = {};
  return take_means();
}

double ParticleFilter::take_means() {
  double sum = 0;
  double squares = 0;
  mean_offset_ = mean_frequency_ = 0;
  for (const auto& p : particles_) {
    sum += p.weight;
    squares += p.weight * p.weight;
    mean_offset_ += p.weight * p.offset;
    mean_frequency_ += p.weight * p.frequency;
  }
  if (!(sum > 0)) return 0;
  mean_offset_ /= sum;
  mean_frequency_ /= sum;
  for (auto& p : particles_) p.weight /= sum;
  const double effective = sum * sum / squares;
  if (effective < static_cast<double>(particles_.size()) / 2) {
    const Spread covariance = covariance_now();
    resample();
    spread_out(covariance);
  }
  return effective;
}

ParticleFilter::Spread ParticleFilter::covariance_now() const {
  Spread covariance;
  for (const auto& p : particles_) {
    const double offset = p.offset - mean_offset_;
    const double frequency = p.frequency - mean_frequency_;
    covariance.offset += p.weight * offset * offset;
    covariance.both += p.weight * offset * frequency;
    covariance.frequency += p.weight * frequency * frequency;
  }
  return covariance;
}

// Systematic: as evenly as the weights allow.
void ParticleFilter::resample() {
  const double each = 1 / static_cast<double>(particles_.size());
  double next = each * std::uniform_real_distribution<double>()(random_);
  double passed = 0;
  std::vector<Particle> chosen;
  chosen.reserve(particles_.size());
  for (const auto& particle : particles_) {
    passed += particle.weight;
    for (; next < passed && chosen.size() < particles_.size(); next += each)
      chosen.push_back({particle.offset, particle.frequency, each});
  }
  chosen.resize(particles_.size(), chosen.back());  // rounding
  particles_ = std::move(chosen);
}

void ParticleFilter::spread_out(const Spread& covariance) {
  if (!(covariance.offset > 0)) return;
  const double moved = 0.4 * std::pow(static_cast<double>(particles_.size()), -1.0 / 6);
  const double kept = std::sqrt(1 - moved * moved);
  const double slope = covariance.both / covariance.offset;
  const double offset_deviation = std::sqrt(covariance.offset);
  const double rest = std::sqrt(std::max(covariance.frequency - slope * covariance.both, 0.0));
  for (auto& p : particles_) {
    const double offset = moved * offset_deviation * normal_(random_);
    p.offset = mean_offset_ + kept * (p.offset - mean_offset_) + offset;
    p.frequency = mean_frequency_ + kept * (p.frequency - mean_frequency_) + slope * offset +
                  moved * rest * normal_(random_);
  }
}

}  // namespace gnomon::bench
