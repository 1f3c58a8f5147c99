// SPDX-License-Identifier: GPL-2.0-or-later
// Plays a scenario in the closed loop of engine parts.
#pragma once

#include "tests/sim/figures.hpp"
#include "tests/sim/scenarios.hpp"

namespace gnomon::simulation {

[[nodiscard]] Result play(const Scenario& scenario, Polling polling, std::uint64_t seed,
                          Start start = Start::cold);

}  // namespace gnomon::simulation
