// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/refclock/local_follower.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "tests/unit/catch.hpp"

using namespace gnomon;
using engine::LocalFollower;
using engine::LocalTime;
using namespace std::chrono_literals;

namespace {

// An oscillator whose frequency error is a sine, beside a clock that runs evenly, and wrongly, at 1000 ppm.
struct Bench {
  LocalFollower follower;
  double amplitude = 100e-6;
  double theta = 0;  // of the clock beyond the oscillator, s
  double t = 0;
  double correction = 0;
  double jump = 0;

  double oscillator() const { return amplitude * std::sin(2 * std::numbers::pi * t / 1000); }
  void poll(double interval) {
    for (int i = 0; i < 100; ++i, t += interval / 100)
      theta += (1e-3 - oscillator() - correction) * interval / 100;
    const auto said = follower.add({.at = LocalTime{base::to_duration(base::Seconds{t})},
                                    .theta = base::to_duration(base::Seconds{theta})});
    if (said) correction = said->ratio();
  }
};

}  // namespace

TEST_CASE("An oscillator that wavers is made to run as evenly as the clock beside it") {
  Bench bench;
  double worst = 0;
  for (int i = 0; i < 2500; ++i) {
    bench.poll(4);
    if (bench.t < 200) continue;
    worst = std::max(worst, std::fabs(bench.oscillator() + bench.correction));
  }
  CHECK(worst < 15e-6);
}

TEST_CASE("What is left of a waver is small beside the offsets that are measured meanwhile") {
  Bench bench;
  while (bench.t < 2000) bench.poll(4);
  const double first = bench.theta;
  std::vector<double> since;
  while (bench.t < 10'000) {
    bench.poll(4);
    since.push_back(bench.theta - first);
  }
  // The waver is over after each 1000 s: the line through the ends is the clock's own rate.
  const double slope = since.back() / static_cast<double>(since.size());
  double worst = 0;
  for (std::size_t i = 0; i < since.size(); ++i)
    worst = std::max(worst, std::fabs(since[i] - slope * static_cast<double>(i + 1)));
  CHECK(worst < 10e-6);
}

TEST_CASE("A clock that was set does not drag the oscillator along") {
  Bench bench{.amplitude = 0};
  for (int i = 0; i < 50; ++i) bench.poll(4);
  const double before = bench.correction;
  bench.theta += 5;
  bench.poll(4);
  CHECK(bench.correction == before);
  bench.poll(4);
  CHECK(std::fabs(bench.correction) < 1e-6);
}

TEST_CASE("No correction goes beyond what an oscillator may need") {
  Bench bench{.amplitude = 0};
  for (int i = 0; i < 50; ++i) {
    bench.theta += 0.9e-3;
    bench.poll(1);
    CHECK(std::fabs(bench.correction) <= 500.1e-6);
  }
  CHECK_FALSE(bench.follower.add({.at = LocalTime{}}));  // time goes on
}
