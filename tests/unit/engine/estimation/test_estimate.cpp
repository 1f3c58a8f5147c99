// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/estimate.hpp"

#include <chrono>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

TEST_CASE("a line goes on at its own frequency, one without a frequency at the clock's") {
  Estimate line{.at = LocalTime{100s}, .theta = 5ms, .frequency = 1e-3};
  CHECK(line.theta_at(LocalTime{102s}) == 7ms);
  CHECK(line.theta_at(LocalTime{98s}) == 3ms);
  CHECK(line.theta_at(LocalTime{102s}, -2e-3) == 1ms);
  line.has_frequency = true;
  CHECK(line.theta_at(LocalTime{102s}, -2e-3) == 7ms);
}

}  // namespace gnomon::testing
