// SPDX-License-Identifier: GPL-2.0-or-later
// What a few late timestamps cost: each run against the same one without them. Stateless.
#pragma once

#include <vector>

#include "tests/bench/choice.hpp"

namespace gnomon::bench {

void report_robustness(const Choice& choice, const std::vector<simulation::Scenario>& scenarios);

}  // namespace gnomon::bench
