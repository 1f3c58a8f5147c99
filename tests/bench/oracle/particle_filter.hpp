// SPDX-License-Identifier: GPL-2.0-or-later
// The posterior of a clock's offset and frequency, by particles: each is one history of the offset, and given
// that the frequency is normally distributed, with the same variance for all of them (Rao-Blackwell). Owned
// by the oracle.
//
// Where the clock wanders little all particles would soon be copies of a few: with each new choice they are
// moved a little, in a way that changes neither their mean nor their covariance (Liu and West).
//
// Everything is counted from the truth, which the oracle's owner knows: an offset of 0 is the true one. What
// the true frequency did by chance is therefore taken off again (kick).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "tests/bench/oracle/normal_draw.hpp"

namespace gnomon::bench {

// What a measurement says of the offset. Particles are numbered for those whose measurements depend on what
// the particle's history says of earlier ones.
class Likelihood {
 public:
  Likelihood() = default;
  Likelihood(const Likelihood&) = delete;
  Likelihood& operator=(const Likelihood&) = delete;
  virtual ~Likelihood() = default;
  struct Support {  // s: it is 0 outside
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
  };
  [[nodiscard]] virtual Support support() const { return {}; }
  // A normal factor, from which particles can be drawn: deviation 0 where there is none.
  struct Normal {
    double mean = 0;
    double deviation = 0;
  };
  [[nodiscard]] virtual Normal normal() const { return {}; }
  // The rest of it, at an offset within the support; a common factor does not matter.
  [[nodiscard]] virtual double rest(std::size_t particle, double offset) const = 0;
};

class ParticleFilter {
 public:
  struct Prior {
    double offset_deviation = 1;  // s
    double frequency = 0;         // s/s, from the true one
    double frequency_deviation = 0;
  };
  ParticleFilter(std::size_t particles, const Prior& prior, std::uint64_t seed);

  void advance(double seconds);
  // Frequencies change by chance, that much is expected; the true one changed by `realised`.
  void kick(double deviation, double realised);
  // How many particles carry the estimate now: where they are few there should be more of them. 0: not one is
  // left, and the filter is of no use any more.
  double update(const Likelihood& likelihood);

  // By how much the estimate is wrong now, s.
  [[nodiscard]] double error() const { return mean_offset_ + mean_frequency_ * passed_ + offset_shift_; }
  [[nodiscard]] double offset(std::size_t particle) const { return particles_[particle].offset; }
  [[nodiscard]] std::size_t size() const { return particles_.size(); }

 private:
  struct Particle {
    double offset = 0;
    double frequency = 0;  // mean, given the history
    double weight = 1;
  };
  struct Spread {  // a covariance
    double offset = 0;
    double both = 0;
    double frequency = 0;
  };
  void move(Particle& particle, std::size_t number, const Likelihood& likelihood, const Spread& spread);
  [[nodiscard]] CutDraw draw_within(const Likelihood::Support& support, double mean, double deviation);
  [[nodiscard]] Spread covariance_now() const;
  void resample();
  void spread_out(const Spread& covariance);
  double take_means();

  std::mt19937_64 random_;
  std::normal_distribution<double> normal_{};
  std::vector<Particle> particles_;
  double offset_variance_;  // until the first measurement
  double frequency_variance_;
  // Since the last measurement:
  double passed_ = 0;
  double offset_shift_ = 0;
  double frequency_shift_ = 0;
  Spread noise_{};
  double mean_offset_ = 0;
  double mean_frequency_ = 0;
};

}  // namespace gnomon::bench
