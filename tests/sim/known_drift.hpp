// SPDX-License-Identifier: GPL-2.0-or-later
// What a driftfile says of a modelled oscillator that has been watched before. Stateless.
#pragma once

#include <cstdint>

#include "tests/sim/model.hpp"

namespace gnomon::simulation {

struct KnownDrift {
  double frequency = 0;  // s/s, positive: the clock gains time
  double deviation = 0;  // s/s, standard deviation of its error
};

// The frequency at t = 0 but for a typical error, which the seed decides.
[[nodiscard]] KnownDrift known_drift(const Oscillator& oscillator, std::uint64_t seed);

}  // namespace gnomon::simulation
