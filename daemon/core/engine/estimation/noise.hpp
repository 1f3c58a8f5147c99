// SPDX-License-Identifier: GPL-2.0-or-later
// How one measured offset may be wrong, given its round trip, and what follows for the estimate it is
// compared with. Stateless.
#pragma once

#include <array>
#include <cstddef>

namespace gnomon::engine {

// Error of one measurement. With a round trip longer by S than the shortest possible, queues on the two ways
// put it within -S/2..S/2; where inside says the tilt, how sharp the edges are the deviation.
struct Noise {
  double half_width = 0;  // s; 0: only the Gaussian part
  double deviation = 0;   // s, of the Gaussian part
  double tilt = 0;        // 1/s: the density goes with exp(tilt * error)
  double share = 1;       // of a measurement that it counts for: neighbours may err alike
};

// The round trip of one measurement against those of its source.
struct Excess {
  double over = 0;        // s, above the shortest one seen
  double scale = 0;       // s, median of these
  double hidden = 0;      // s, by which the shortest one seen probably exceeds the shortest possible
  double likeness = 0;    // correlation of neighbouring round trips, 0..1: so far their queues are the same
  double resolution = 0;  // s, that the two clocks cannot tell apart: like a queue that no round trip shows
};

// Hypotheses about how a network's delays make errors; which one holds is for their likelihood to say.
inline constexpr std::size_t noise_models = 7;
[[nodiscard]] Noise noise_of(const Excess& excess, std::size_t model, double precision);

// Derivatives of the logarithm of the likelihood by the innovation: what a filter needs of it.
struct Pull {
  double log_likelihood = 0;
  double gain = 0;         // minus the first derivative: innovation / variance for Gaussian noise
  double information = 0;  // minus the second: 1 / variance for Gaussian noise; never negative
};
// variance: of the prediction that the innovation was taken from.
[[nodiscard]] Pull pull_of(double innovation, double variance, const Noise& noise);

}  // namespace gnomon::engine
