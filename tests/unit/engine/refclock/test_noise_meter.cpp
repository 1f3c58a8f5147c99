// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/noise_meter.hpp"

#include <random>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using engine::FilteredReading;
using engine::LocalTime;
using engine::NoiseMeter;
using namespace std::chrono_literals;

TEST_CASE("Noise is told apart from a clock that runs fast") {
  NoiseMeter meter;
  std::mt19937 random{7};  // NOLINT(cert-msc51-cpp): the same each time
  std::normal_distribution<double> noise{0, 2e-6};
  CHECK_FALSE(meter.deviation());
  for (int i = 0; i < 40; ++i)
    meter.add(
        {.at = LocalTime{i * 16s}, .theta = base::to_duration(base::Seconds{i * 1.6e-3 + noise(random)})});
  REQUIRE(meter.deviation());
  CHECK(meter.deviation()->count() == Approx(2e-6).epsilon(0.4));
}

TEST_CASE("Samples at uneven times, or twice at one, do no harm") {
  NoiseMeter meter;
  for (const auto at : {0s, 1s, 1s, 10s, 12s, 40s}) meter.add({.at = LocalTime{at}, .theta = at / 1000});
  REQUIRE(meter.deviation());
  CHECK(meter.deviation()->count() < 1e-9);
  meter.clear();
  CHECK_FALSE(meter.deviation());
}
