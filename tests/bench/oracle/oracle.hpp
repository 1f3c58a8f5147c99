// SPDX-License-Identifier: GPL-2.0-or-later
// The best that can be known of the clock in a simulated run by whoever has the same measurements and knows
// the model: fixed delays with their routes, distributions of the variable ones, errors of servers, wander,
// temperature and jumps; but neither the offset nor the frequency at the start. Stateless.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/sim/figures.hpp"
#include "tests/sim/known_drift.hpp"
#include "tests/sim/scenarios.hpp"
#include "tests/sim/trace.hpp"

namespace gnomon::bench {

// The errors of its estimate once per second, and what follows from them: no clock that is steered by these
// measurements can be nearer to true time on average.
[[nodiscard]] simulation::Result best_estimate(const simulation::Scenario& scenario,
                                               const simulation::Trace& trace,
                                               const std::optional<simulation::KnownDrift>& drift,
                                               std::size_t particles = 1000);

}  // namespace gnomon::bench
