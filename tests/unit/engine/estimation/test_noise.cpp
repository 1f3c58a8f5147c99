// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/noise.hpp"

#include <cmath>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("a Gaussian measurement pulls by innovation over variance") {
  const Pull p = pull_of(2e-6, 3e-12, {0, 1e-6, 0});
  CHECK(p.gain == Approx(2e-6 / 4e-12).epsilon(0.02));
  CHECK(p.information == Approx(1 / 4e-12).epsilon(0.02));
}

TEST_CASE("the farther off a measurement is, the less it pulls") {
  const Noise noise{0, 1e-6, 0};
  double last = pull_of(20e-6, 1e-12, noise).gain;
  for (const double innovation : {100e-6, 1e-3, 1.0}) {
    const double gain = pull_of(innovation, 1e-12, noise).gain;
    CHECK(gain > 0);
    CHECK(gain < last);
    last = gain;
  }
  // Unless so little is known that far is where it may well be.
  CHECK(pull_of(1.0, 4.0, noise).gain == Approx(1.0 / 4.0).epsilon(0.02));
}

TEST_CASE("within wide edges a measurement hardly pulls, beyond them it does, towards the edge") {
  const Noise noise{100e-6, 1e-6, 0};
  CHECK(std::fabs(pull_of(50e-6, 1e-10, noise).gain) < 1e3);
  const Pull beyond = pull_of(120e-6, 1e-10, noise);
  CHECK(beyond.gain * 1e-10 == Approx(20e-6).margin(8e-6));
  CHECK(pull_of(-120e-6, 1e-10, noise).gain == Approx(-beyond.gain));
}

TEST_CASE("the pull is the slope of the likelihood, for every shape and from far off too") {
  for (const double tilt : {0.0, 3e4, -3e4}) {
    for (const double innovation : {-4e-4, -6e-5, 1e-5, 9e-5, 2e-4, 8e-4}) {
      const Noise noise{80e-6, 5e-6, tilt};
      constexpr double variance = 4e-10;
      constexpr double step = 1e-9;
      const Pull low = pull_of(innovation - step, variance, noise);
      const Pull high = pull_of(innovation + step, variance, noise);
      const double slope = (high.log_likelihood - low.log_likelihood) / (2 * step);
      CHECK(pull_of(innovation, variance, noise).gain == Approx(-slope).epsilon(0.01).margin(10));
    }
  }
}

TEST_CASE("a measurement that is hardly news counts less, but says all that it can where nothing was known") {
  const Noise whole{0, 1e-6, 0};
  Noise part = whole;
  part.share = 0.1;
  const auto left = [](double variance, const Noise& noise) {  // of the variance
    return 1 - variance * pull_of(0, variance, noise).information;
  };
  CHECK(left(1e-14, part) == Approx(1 - 0.1 * (1 - left(1e-14, whole))).epsilon(1e-3));
  // Ten times the variance of the measurement, not nine tenths of what was not known at all.
  CHECK(left(1e-6, part) == Approx(10 * left(1e-6, whole)).epsilon(0.05));
  CHECK(pull_of(1e-3, 1e-6, part).gain == Approx(pull_of(1e-3, 1e-6, whole).gain).epsilon(0.01));
}

TEST_CASE("the width of a measurement's error is half of the excess of its round trip") {
  const Noise noise = noise_of({.over = 80e-6, .scale = 10e-6, .hidden = 20e-6}, 0, 1e-7);
  CHECK(noise.half_width == Approx(50e-6));
  CHECK(noise.deviation == Approx(0.5e-6).epsilon(0.05));
  CHECK(noise.share == 1);
  // Of the models without edges the excess is in the deviation.
  CHECK(noise_of({.over = 80e-6, .scale = 10e-6}, 4, 1e-7).half_width == 0);
}

TEST_CASE("neither a huge nor a tiny measurement makes the pull anything but a number") {
  for (const double innovation : {0.0, 1e-12, 1e3, -1e6})
    for (std::size_t model = 0; model < noise_models; ++model) {
      const Pull p = pull_of(innovation, 1e-18, noise_of({.over = 1e-3, .scale = 1e-5}, model, 1e-9));
      CHECK(std::isfinite(p.log_likelihood));
      CHECK(std::isfinite(p.gain));
      CHECK(p.information >= 0);
      CHECK(p.information < 1e18);
    }
}

}  // namespace gnomon::testing
