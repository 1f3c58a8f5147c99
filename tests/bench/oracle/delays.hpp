// SPDX-License-Identifier: GPL-2.0-or-later
// How likely delays are in the modelled network (tests/sim/model.cpp), as a function of what of one is above
// the fixed part. Stateless.
#pragma once

#include "tests/sim/model.hpp"

namespace gnomon::bench {

// Density at `excess` seconds above the fixed part, of the way back or out, but for a common factor.
// `previous` and `passed`: of the packet before it, where neighbours are alike; passed < 0: there was none.
struct Delay {
  bool back = false;
  double excess = 0;    // s
  double previous = 0;  // s
  double passed = -1;   // s
};
[[nodiscard]] double density(const simulation::ServerModel& server, const Delay& delay);

}  // namespace gnomon::bench
