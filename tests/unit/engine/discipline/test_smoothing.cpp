// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/smoothing.hpp"

#include <cmath>
#include <random>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr LocalTime at(base::Duration d) {
  return {d};
}

}  // namespace

TEST_CASE("an offset is smoothed out within the limits, in three stages") {
  // 1 s with 100 ppm and 0.01 ppm/s: 10000 s up, none level, 10000 s down.
  const auto curve = smoothed(1, 0, 100e-6, 1e-8);
  CHECK(curve.remaining().count() == Approx(20000));
  CHECK(curve.after(base::Seconds(10000)).offset == Approx(0.5));
  CHECK(curve.after(base::Seconds(10000)).frequency == Approx(-100e-6));
  CHECK(curve.after(base::Seconds(10000.1)).wander() == Approx(1e-8));
  CHECK(curve.after(base::Seconds(20000.1)).offset == 0);
  // With half of the frequency the second stage is needed.
  const auto limited = smoothed(1, 0, 50e-6, 1e-8);
  CHECK(limited.remaining().count() == Approx(25000));
  CHECK(limited.after(base::Seconds(12500)).frequency == Approx(-50e-6));
  CHECK(limited.stages[1].length == Approx(15000));
  CHECK(limited.stages[1].wander == 0);
}

TEST_CASE("whatever it begins with, served time comes to ours smoothly and rests there") {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int round = 0; round < 2000; ++round) {
    const double max_frequency = 400e-6 * std::fabs(uniform(random)) + 1e-6;
    const double max_wander = 1e-6 * std::fabs(uniform(random)) + 1e-9;
    const double scale = std::pow(10, 6 * (uniform(random) - 1) / 2);
    const double frequency = 2 * max_frequency * uniform(random);
    const auto curve = smoothed(uniform(random) * scale, frequency, max_frequency, max_wander);
    const double length = curve.remaining().count();
    const auto end = curve.after(base::Seconds(length));
    CHECK(std::fabs(end.offset) < 1e-9 + 1e-9 * length);
    CHECK(std::fabs(end.frequency) < 1e-12);
    for (int i = 0; i <= 20; ++i) {
      const auto part = curve.after(base::Seconds(length * i / 20));
      CHECK(std::fabs(part.frequency) <= std::max(max_frequency, std::fabs(frequency)) * (1 + 1e-9));
      CHECK(std::fabs(part.wander()) <= max_wander * (1 + 1e-9));
    }
  }
}

TEST_CASE("a change of what is true leaves served time and its frequency as they are at that moment") {
  Smoothing smoothing({.max_frequency = {400}, .max_wander = {0.01}});
  smoothing.absorb(at(0s), base::Seconds{1}, 0);
  CHECK_FALSE(smoothing.active());
  smoothing.activate(at(10s));
  smoothing.absorb(at(20s), base::Seconds{-0.5}, 10e-6);
  auto curve = smoothing.curve(at(20s));
  CHECK(curve.offset == Approx(0.5));
  CHECK(curve.frequency == Approx(-10e-6));
  const auto before = smoothing.curve(at(1000s));
  smoothing.absorb(at(1000s), base::Seconds{0.1}, -5e-6);
  curve = smoothing.curve(at(1000s));
  CHECK(curve.offset == Approx(before.offset - 0.1));
  CHECK(curve.frequency == Approx(before.frequency + 5e-6));
  smoothing.activate(at(1001s));  // it is already
  CHECK(smoothing.curve(at(1001s)).offset != 0);
  smoothing.reset(at(1002s));
  CHECK(smoothing.curve(at(1002s)).offset == 0);
  CHECK(smoothing.active());
}

TEST_CASE("smoothing begins with the first update that does not step, of a frequency that is known") {
  Smoothing smoothing({.max_frequency = base::Ppm{400}, .max_wander = base::Ppm{0.01}});
  smoothing.on_update(at(10s), base::Seconds{5}, 0, 1e-6, true);
  CHECK_FALSE(smoothing.active());
  // 10000 s at 0.01 ppm/s: what is doubtful would take longer.
  smoothing.on_update(at(15s), base::Seconds{0.5}, 50e-6, 101e-6, false);
  CHECK_FALSE(smoothing.active());
  smoothing.on_update(at(20s), base::Seconds{0.5}, 0, 99e-6, false);
  CHECK(smoothing.active());
  CHECK(smoothing.curve(at(20s)).offset == 0);
  smoothing.on_update(at(30s), base::Seconds{0.5}, 1e-6, 200e-6, false);
  CHECK(smoothing.curve(at(30s)).offset == Approx(-0.5));
  CHECK(smoothing.curve(at(30s)).frequency == Approx(-1e-6));
}

TEST_CASE("with leaponly updates are followed at once, leap seconds are not") {
  Smoothing smoothing({.max_frequency = base::Ppm{400}, .max_wander = base::Ppm{0.01}, .leap_only = true});
  smoothing.activate(at(0s));
  smoothing.on_update(at(10s), base::Seconds{0.5}, 0, 1e-6, false);
  CHECK(smoothing.curve(at(10s)).offset == 0);
  smoothing.absorb(at(20s), base::Seconds{-1}, 0);
  CHECK(smoothing.curve(at(20s)).offset == Approx(1));
}

TEST_CASE("leap seconds are smoothed out by a clock of doubtful frequency, too") {
  Smoothing smoothing({.max_frequency = base::Ppm{400}, .max_wander = base::Ppm{0.001}, .leap_only = true});
  smoothing.on_update(at(10s), base::Seconds{0.5}, 0, 200e-6, false);
  CHECK(smoothing.active());
}

TEST_CASE("a report says what is smoothed, and for how long still") {
  Smoothing smoothing({.max_frequency = base::Ppm{100}, .max_wander = base::Ppm{0.01}, .leap_only = true});
  CHECK_FALSE(smoothing.report(at(0s)).active);
  CHECK(smoothing.report(at(0s)).leap_only);
  smoothing.activate(at(0s));
  smoothing.absorb(at(100s), base::Seconds{-1}, 0);
  const auto report = smoothing.report(at(5100s));
  CHECK(report.active);
  CHECK(report.offset.count() == Approx(0.875));
  CHECK(report.frequency.value == Approx(-50));
  CHECK(report.wander == Approx(-0.01));
  CHECK(report.last_update.count() == Approx(5000));
  CHECK(report.remaining.count() == Approx(15000));
}

}  // namespace gnomon::testing
