// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/scenarios.hpp"

namespace gnomon::simulation {

StartBaseline start_baseline(const std::string& scenario, Polling polling) {
  static_cast<void>(scenario);
  static_cast<void>(polling);
  return {};
}

}  // namespace gnomon::simulation
