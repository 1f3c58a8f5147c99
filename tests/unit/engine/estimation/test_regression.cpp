// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/regression.hpp"

#include <chrono>
#include <cmath>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

Observation observation(double t, double theta, double delay = 1e-3) {
  return {LocalTime{base::to_duration(base::Seconds{t})}, base::to_duration(base::Seconds{theta}),
          base::Seconds{delay}, base::Seconds{1e-6}};
}

}  // namespace

TEST_CASE("regression finds offset and frequency of a straight line") {
  Regression estimator({});
  CHECK_FALSE(estimator.estimate());
  for (int i = 0; i < 20; ++i) estimator.add(observation(16.0 * i, 0.25 + 3e-6 * 16.0 * i));
  const auto e = *estimator.estimate();
  CHECK(e.samples >= 6);
  CHECK(e.frequency == Approx(3e-6).epsilon(1e-3));
  CHECK(base::to_seconds(e.theta_at(LocalTime{1000s})).count() == Approx(0.25 + 3e-3).margin(1e-8));
  CHECK(e.skew < 1e-7);
}

TEST_CASE("long round trips weigh little") {
  Regression estimator({});
  for (int i = 0; i < 20; ++i) {
    const bool delayed = i % 5 == 4;
    estimator.add(
        observation(16.0 * i, delayed ? 0.05 : ((i % 2 == 0) ? 1e-6 : -1e-6), delayed ? 0.101 : 1e-3));
  }
  CHECK(std::fabs(base::to_seconds(estimator.estimate()->theta).count()) < 1e-3);
}

TEST_CASE("a bend in the line drops the samples before it") {
  Regression estimator({});
  double noise = 1e-6;
  for (int i = 0; i < 64; ++i) {
    noise = -noise;
    estimator.add(observation(16.0 * i, noise + (i < 40 ? 0 : 5e-6 * 16.0 * (i - 40))));
  }
  CHECK(estimator.estimate()->samples < 40);
  CHECK(estimator.estimate()->frequency == Approx(5e-6).epsilon(0.2));
}

TEST_CASE("maxsamples bounds the window, one sample is an estimate without a frequency") {
  RegressionLimits limits;
  limits.max_samples = 1;
  Regression estimator(limits);
  for (int i = 0; i < 5; ++i) estimator.add(observation(i, i));
  CHECK(estimator.estimate()->samples == 1);
  CHECK_FALSE(estimator.estimate()->has_frequency);
  CHECK(estimator.estimate()->theta == 4s);
}

TEST_CASE("time that stands still is not a sample") {
  Regression estimator({});
  for (int i = 0; i < 5; ++i) estimator.add(observation(1, i));
  CHECK(estimator.estimate()->samples == 1);
}

TEST_CASE("the asymmetry option moves each measurement by its share of the excess, either way") {
  for (const double asymmetry : {-0.5, 0.5}) {
    RegressionLimits limits;
    limits.asymmetry = asymmetry;
    Regression line(limits);
    for (int i = 0; i < 10; ++i) {
      // Every other packet waits 4 ms on one way: on the way out the clock seems behind by half of it.
      const auto wait = i % 2 == 0 ? 0ms : 4ms;
      line.add({LocalTime{i * 16s}, asymmetry < 0 ? wait / 2 : -wait / 2, base::to_seconds(10ms + wait),
                base::Seconds{1e-6}});
    }
    CHECK(line.estimate()->theta_at(LocalTime{80s}).count() == Approx(0).margin(10));
    CHECK(line.estimate()->deviation.count() < 1e-6);
  }
}

TEST_CASE("Student's t falls towards the normal distribution") {
  CHECK(t_quantile(1) == Approx(12.706));
  CHECK(t_quantile(10) == Approx(2.228));
  CHECK(t_quantile(60) == Approx(2.0).margin(0.01));
}

}  // namespace gnomon::testing
