// SPDX-License-Identifier: GPL-2.0-or-later
// Plays a scenario in the closed loop of engine parts; tells what really happened where a trace is asked for.
#pragma once

#include "tests/sim/figures.hpp"
#include "tests/sim/scenarios.hpp"
#include "tests/sim/trace.hpp"

namespace gnomon::simulation {

[[nodiscard]] Result play(const Scenario& scenario, Polling polling, std::uint64_t seed,
                          Start start = Start::cold, Trace* trace = nullptr);

}  // namespace gnomon::simulation
