// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/reading_filter.hpp"

#include <random>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using engine::FilteredReading;
using engine::LocalTime;
using engine::ReadingFilter;
using namespace std::chrono_literals;

namespace {

FilteredReading reading(base::Duration at, base::Duration theta, base::Seconds dispersion = 1us) {
  return {.at = LocalTime{at}, .theta = theta, .dispersion = dispersion};
}

}  // namespace

TEST_CASE("Readings far from the median do not count") {
  ReadingFilter filter{64};
  for (int i = 0; i < 10; ++i) filter.add(reading(i * 1s, 5ms));
  filter.add(reading(10s, 900ms));
  filter.add(reading(11s, -3s));
  const auto taken = filter.take(0);
  REQUIRE(taken);
  CHECK(taken->theta == 5ms);
  CHECK(taken->dispersion.count() == Approx(1e-6));
  CHECK_FALSE(filter.take(0));
}

TEST_CASE("Of readings that are only noisy nothing is lost, and outliers cost little") {
  constexpr double noise = 1e-6;
  constexpr int intervals = 4000;
  std::mt19937_64 random{5};
  std::normal_distribution<double> normal;
  std::uniform_int_distribution<int> any{0, 19};
  // The variance of what was made of 16, in shares of what their mean would have without outliers.
  const auto lost = [&](int outliers) {
    double square = 0;
    for (int i = 0; i < intervals; ++i) {
      ReadingFilter filter{64};
      for (int k = 0; k < 16; ++k) {
        const double wild = any(random) < outliers ? 10 : 1;
        filter.add(reading(k * 1s, base::to_duration(base::Seconds{noise * wild * normal(random)})));
      }
      const double theta = base::to_seconds(filter.take(0)->theta).count();
      square += theta * theta / intervals;
    }
    return square / (noise * noise / 16);
  };
  CHECK(lost(0) < 1.2);
  CHECK(lost(1) < 1.4);
}

TEST_CASE("A clock that drifts between the readings bends nothing") {
  ReadingFilter filter{64};
  constexpr double frequency = 100e-6;
  for (int i = 0; i < 16; ++i) filter.add(reading(i * 1s, base::to_duration(base::Seconds{i * frequency})));
  const auto taken = filter.take(frequency);
  REQUIRE(taken);
  const double at = base::to_seconds(taken->at.since_start).count();
  CHECK(base::to_seconds(taken->theta).count() == Approx(at * frequency).margin(2e-9));
  CHECK(taken->spread.count() < 2e-9);
}

TEST_CASE("The oldest readings go when the filter is full, and the last one stays known") {
  ReadingFilter filter{2};
  CHECK_FALSE(filter.last());
  for (const auto theta : {1ms, 2ms, 4ms}) filter.add(reading(theta, theta));
  const auto taken = filter.take(0);
  REQUIRE(taken);
  CHECK(taken->theta == 3ms);
  CHECK(taken->spread.count() == Approx(1.41421e-3));
  REQUIRE(filter.last());
  CHECK(filter.last()->theta == 4ms);
}
