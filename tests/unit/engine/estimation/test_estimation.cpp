// SPDX-License-Identifier: GPL-2.0-or-later
#include <cmath>

#include "daemon/core/engine/association/delay_window.hpp"
#include "daemon/core/engine/estimation/regression.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr base::RealTime start{1'800'000'000s};

Observation observation(double t, double theta, double delay = 1e-3) {
  return {LocalTime{base::to_duration(base::Seconds{t})}, base::to_duration(base::Seconds{theta}),
          base::Seconds{delay}, base::Seconds{1e-6}};
}

}  // namespace

TEST_CASE("an untouched clock is its own free-running scale") {
  const Timescale scale(start, 0);
  CHECK(scale.local(start + 5s) == LocalTime{5s});
  CHECK(scale.local(start - 5s) == LocalTime{-5s});
  CHECK(scale.ahead(LocalTime{5s}) == 0s);
}

TEST_CASE("a rate change is taken out of later readings only") {
  Timescale scale(start, 0);
  scale.change(start + 100s, 1e-3, 0s);
  CHECK(scale.local(start + 50s) == LocalTime{50s});
  CHECK(scale.local(start + 100s + 1001ms) == LocalTime{101s});
  CHECK(scale.ahead(LocalTime{101s}) == 1ms);
  CHECK(scale.system(LocalTime{101s}) == start + 101s + 1ms);
}

TEST_CASE("a step moves the system clock, not local time") {
  for (const auto step : {1000s, -1000s}) {
    Timescale scale(start, 0);
    scale.change(start + 10s + step, 0, step);
    CHECK(scale.local(start + 15s + step) == LocalTime{15s});
    CHECK(scale.ahead(LocalTime{15s}) == step);
  }
}

TEST_CASE("conversions stay exact to the nanosecond over months of slewing") {
  Timescale scale(start, 12e-6);
  base::RealTime at = start;
  for (int i = 0; i < 1000; ++i) {
    at += 3600s;
    scale.change(at, (i % 2 == 0 ? 50e-6 : -50e-6), 0s);
  }
  const LocalTime local = scale.local(at + 1000s);
  CHECK(std::llabs((scale.system(local) - (at + 1000s)).count()) <= 2);
}

TEST_CASE("regression finds offset and frequency of a straight line") {
  const auto estimator = make_regression({});
  CHECK_FALSE(estimator->estimate());
  for (int i = 0; i < 20; ++i) estimator->add(observation(16.0 * i, 0.25 + 3e-6 * 16.0 * i));
  const auto e = *estimator->estimate();
  CHECK(e.samples >= 6);
  CHECK(e.frequency == Approx(3e-6).epsilon(1e-3));
  CHECK(base::to_seconds(e.theta_at(LocalTime{1000s})).count() == Approx(0.25 + 3e-3).margin(1e-8));
  CHECK(e.skew < 1e-7);
}

TEST_CASE("long round trips weigh little") {
  const auto estimator = make_regression({});
  for (int i = 0; i < 20; ++i) {
    const bool delayed = i % 5 == 4;
    estimator->add(
        observation(16.0 * i, delayed ? 0.05 : ((i % 2 == 0) ? 1e-6 : -1e-6), delayed ? 0.101 : 1e-3));
  }
  CHECK(std::fabs(base::to_seconds(estimator->estimate()->theta).count()) < 1e-3);
}

TEST_CASE("a bend in the line drops the samples before it") {
  const auto estimator = make_regression({});
  double noise = 1e-6;
  for (int i = 0; i < 64; ++i) {
    noise = -noise;
    estimator->add(observation(16.0 * i, noise + (i < 40 ? 0 : 5e-6 * 16.0 * (i - 40))));
  }
  CHECK(estimator->estimate()->samples < 40);
  CHECK(estimator->estimate()->frequency == Approx(5e-6).epsilon(0.2));
}

TEST_CASE("maxsamples bounds the window, one sample is an estimate without a frequency") {
  EstimatorLimits limits;
  limits.max_samples = 1;
  const auto estimator = make_regression(limits);
  for (int i = 0; i < 5; ++i) estimator->add(observation(i, i));
  CHECK(estimator->estimate()->samples == 1);
  CHECK_FALSE(estimator->estimate()->has_frequency);
  CHECK(estimator->estimate()->theta == 4s);
}

TEST_CASE("time that stands still is not a sample") {
  const auto estimator = make_regression({});
  for (int i = 0; i < 5; ++i) estimator->add(observation(1, i));
  CHECK(estimator->estimate()->samples == 1);
}

TEST_CASE("the delay window judges after eight delays and lets a new route in") {
  DelayWindow window;
  CHECK_FALSE(window.minimum());
  for (int i = 0; i < 7; ++i) window.add(base::Seconds{0.010});
  CHECK_FALSE(window.deviation());
  window.add(base::Seconds{0.012});
  CHECK(window.minimum()->count() == 0.010);
  CHECK(window.deviation()->count() == Approx(0.001 / std::sqrt(8.0)));
  CHECK(window.quantile(0.5)->count() == 0.010);
  CHECK(window.quantile(1)->count() == 0.012);
  const double before = window.deviation()->count();
  window.add(base::Seconds{0.030});
  CHECK(window.deviation()->count() > 5 * before);
}

TEST_CASE("Student's t falls towards the normal distribution") {
  CHECK(t_quantile(1) == Approx(12.706));
  CHECK(t_quantile(10) == Approx(2.228));
  CHECK(t_quantile(60) == Approx(2.0).margin(0.01));
}

}  // namespace gnomon::testing
