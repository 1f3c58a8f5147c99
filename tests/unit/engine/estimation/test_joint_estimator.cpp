// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/joint_estimator.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;
using namespace std::chrono_literals;

namespace {

constexpr base::SourceId first{1};
constexpr JointEstimator::Prior prior{};

void steer(JointEstimator& joint, const std::vector<base::SourceId>& steering,
           const std::vector<base::SourceId>& wrong = {}) {
  joint.set_steering_sources(steering, wrong);
}

// A path of 100 us each way with queues of 50 us in the mean, seen from a clock without noise of its own.
struct Path {
  std::mt19937_64 random{7};
  std::exponential_distribution<double> queue{1 / 50e-6};

  Observation measure(double t, double theta, double extra_out = 0, double extra_back = 0) {
    const double out = 100e-6 + extra_out + queue(random);
    const double back = 100e-6 + extra_back + queue(random);
    return {LocalTime{base::to_duration(base::Seconds{t})},
            base::to_duration(base::Seconds{theta + (out - back) / 2}), base::Seconds{out + back},
            base::Seconds{1e-7}};
  }
};

double theta_of(const JointEstimator& joint, double t, base::SourceId leader = first) {
  return base::to_seconds(joint.estimate(LocalTime{base::to_duration(base::Seconds{t})}, leader)->theta)
      .count();
}

}  // namespace

TEST_CASE("the joint estimate finds offset and frequency far better than a single measurement does") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 60; ++i) {
    joint.add(first, path.measure(64.0 * i, 0.25 + 12e-6 * 64.0 * i));
    steer(joint, {first});
  }
  CHECK(theta_of(joint, 3776) == Approx(0.25 + 12e-6 * 3776).margin(20e-6));
  CHECK(joint.estimate(LocalTime{3776s}, first)->frequency == Approx(12e-6).margin(1e-7));
  CHECK(joint.estimate(LocalTime{9000s}, first)->error > joint.estimate(LocalTime{3776s}, first)->error);
}

TEST_CASE("a peer's first round trips, measured before the frequency was known, do not hold the error up") {
  constexpr double precision = 1e-9;
  constexpr double frequency = 1e-4;
  JointEstimator joint(prior, base::Seconds{precision});
  double known = 0;
  double skew = 200e-6;
  for (int i = 0; i < 8; ++i) {
    // The peer answers about a second later, the way there and back takes 30 us.
    const base::Seconds apart{i % 3 == 0 ? 0.95 : 0.9};
    const Apart measured{apart, base::Seconds{30e-6} - apart * frequency, skew};
    const double t = 1.0 * i;
    joint.add(first, {LocalTime{base::to_duration(base::Seconds{t})},
                      base::to_duration(base::Seconds{frequency * t}),
                      measured.delay(known) + base::Seconds{precision}, base::Seconds{precision}, measured});
    steer(joint, {first});
    const auto estimate = joint.estimate(LocalTime{base::to_duration(base::Seconds{t})}, first);
    known = estimate->frequency;
    skew = estimate->frequency_error;
  }
  CHECK(known == Approx(frequency).margin(1e-7));
  CHECK(joint.estimate(LocalTime{7s}, first)->error < base::Seconds{2e-7});
}

TEST_CASE("what a reference clock's first reading was wrong by is no bias of all others") {
  constexpr base::Seconds precision{1e-7};
  JointEstimator joint(prior, precision);
  for (int i = 0; i < 60; ++i) {
    const double t = 1.0 * i;
    const double wrong = i == 0 ? 60e-9 : (i % 2 == 0 ? 20e-9 : -20e-9);
    joint.add(first, {LocalTime{base::to_duration(base::Seconds{t})}, base::to_duration(base::Seconds{wrong}),
                      base::Seconds{1e-9}, base::Seconds{50e-9}});
    steer(joint, {first});
  }
  CHECK(theta_of(joint, 59) == Approx(0).margin(8e-9));
}

TEST_CASE("a clock far off in frequency is believed to be, given the measurements") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 4; ++i) joint.add(first, path.measure(2.0 * i, 499e-6 * 2.0 * i));
  steer(joint, {first});
  CHECK(joint.estimate(LocalTime{6s}, first)->frequency == Approx(499e-6).margin(40e-6));
}

TEST_CASE("few measurements of a quiet path tell the frequency of any clock to what they are good for") {
  const double frequency = GENERATE(100e-6, 1.05e-2, -0.04);
  JointEstimator joint(prior, base::Seconds{1e-7});
  for (int i = 0; i < 3; ++i) {
    const double t = 64.0 * i;
    // Three microseconds there and back, and one of them is the noise.
    joint.add(first, {LocalTime{base::to_duration(base::Seconds{t})},
                      base::to_duration(base::Seconds{frequency * t + (i == 1 ? 0.2e-6 : -0.3e-6)}),
                      base::Seconds{i == 1 ? 2.4e-6 : 3.1e-6}, base::Seconds{1e-7}});
    steer(joint, {first});
  }
  CHECK(joint.estimate(LocalTime{128s}, first)->frequency == Approx(frequency).margin(3e-8));
}

TEST_CASE("three round trips far apart but alike tell the frequency") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 3; ++i) {
    joint.add(first, path.measure(64.0 * i, 100e-6 * 64.0 * i, 0.6, 0.6));
    steer(joint, {first});
  }
  CHECK(joint.estimate(LocalTime{128s}, first)->frequency == Approx(100e-6).margin(2e-6));
}

TEST_CASE("a route that becomes longer one way does not move the clock") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 120; ++i) {
    joint.add(first, path.measure(64.0 * i, 0, i < 60 ? 0 : 1e-3));
    steer(joint, {first});
  }
  CHECK(std::fabs(theta_of(joint, 64.0 * 119)) < 60e-6);
}

TEST_CASE("a route that becomes shorter one way is better known: the clock follows it") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 80; ++i) {
    joint.add(first, path.measure(64.0 * i, 0, i < 60 ? 1e-3 : 0));
    steer(joint, {first});
    if (i == 59) CHECK(theta_of(joint, 64.0 * i) > 400e-6);
    if (i >= 70) CHECK(std::fabs(theta_of(joint, 64.0 * i)) < 60e-6);
  }
}

// Measured: the first one's transmit timestamp was late, the floor of the path is 200 us.
TEST_CASE("a first round trip that is too short to be true is forgotten within a few samples") {
  constexpr std::array samples{std::array{0.0, -10074.8, 56.0},    std::array{2.0, -10028.8, 236.5},
                               std::array{4.0, -9979.9, 402.1},    std::array{6.0, -10115.9, 304.3},
                               std::array{10.0, -10247.5, 211.7},  std::array{18.0, -10355.0, 375.1},
                               std::array{34.0, -10793.6, 248.0},  std::array{66.0, -11208.6, 259.2},
                               std::array{130.0, -12472.7, 309.1}, std::array{194.0, -13786.2, 253.8},
                               std::array{259.0, -15071.3, 261.3}};
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (const auto& [t, theta, delay] : samples) {
    joint.add(first,
              {LocalTime{base::to_duration(base::Seconds{t})}, base::to_duration(base::Seconds{theta * 1e-6}),
               base::Seconds{delay * 1e-6}, base::Seconds{4e-7}});
    steer(joint, {first});
  }
  for (int i = 5; i < 40; ++i) {
    const double t = 64.0 * i;
    joint.add(first, path.measure(t, -10e-3 - 20e-6 * t));
    steer(joint, {first});
    if (i >= 12) CHECK(theta_of(joint, t) == Approx(-10e-3 - 20e-6 * t).margin(45e-6));
  }
}

// As after a start with iburst. Formerly the frequency was wrong by up to 480 ppm for seven minutes.
TEST_CASE(
    "a second sample that is wrong, and does not show it by its round trip, is found out by the others") {
  constexpr std::array times{0, 2, 4, 6, 10, 18, 34, 66, 130, 194, 258, 322};
  const double frequency = GENERATE(0.0, 20e-6, 100e-6);
  const double wrong = GENERATE(-1e-3, 1e-3);
  const std::size_t which = GENERATE(0U, 1U, 2U, 3U);
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double t = times[i];
    joint.add(first, path.measure(t, frequency * t + (i == which ? wrong : 0)));
    steer(joint, {first});
    if (t < 60) continue;
    CHECK(joint.estimate(LocalTime{base::to_duration(base::Seconds{t})}, first)->frequency ==
          Approx(frequency).margin(10e-6));
    CHECK(theta_of(joint, t) == Approx(frequency * t).margin(300e-6));
  }
}

TEST_CASE("a source that is wrong and right in turn costs neither states nor time") {
  constexpr base::SourceId second{2};
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 2000; ++i) {
    joint.add(first, path.measure(64.0 * i, 0));
    joint.add(second, path.measure(64.0 * i + 1, 20e-6));
    if (i % 2 == 0)
      steer(joint, {first}, {second});
    else
      steer(joint, {first, second});
    CHECK(std::fabs(theta_of(joint, 64.0 * i)) < 100e-6);
  }
}

TEST_CASE("what a falseticker said is taken out though nobody who steers has anything new") {
  constexpr base::SourceId second{2};
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 40; ++i) {
    joint.add(first, path.measure(64.0 * i, 0));
    joint.add(second, path.measure(64.0 * i + 1, 200e-6));
    steer(joint, {first, second});
  }
  steer(joint, {first}, {second});
  CHECK(std::fabs(theta_of(joint, 64.0 * 40)) < 30e-6);
}

TEST_CASE("of many sources the best eight steer, and who leads is always among them") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  std::vector<base::SourceId> all;
  for (std::uint32_t id = 1; id <= 40; ++id) all.push_back({id});
  for (int i = 0; i < 20; ++i) {
    for (const auto id : all) joint.add(id, path.measure(64.0 * i + id.value, 0));
    steer(joint, all);
  }
  CHECK(joint.estimate(LocalTime{1300s}, {8}));
  CHECK_FALSE(joint.estimate(LocalTime{1300s}, {9}));
  std::ranges::reverse(all);
  joint.add({40}, path.measure(64.0 * 21, 0));
  steer(joint, all);
  CHECK(joint.estimate(LocalTime{1300s}, {40}));
}

TEST_CASE("a clock far beyond what clocks are is caught") {
  const double frequency = GENERATE(-0.09, -0.05, 0.01, 0.05);
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 6; ++i) {
    joint.add(first, path.measure(2.0 * i, frequency * 2.0 * i));
    steer(joint, {first});
  }
  CHECK(joint.estimate(LocalTime{10s}, first)->frequency == Approx(frequency).margin(100e-6));
}

TEST_CASE("what a falseticker said is taken out again") {
  constexpr base::SourceId second{2};
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 40; ++i) {
    joint.add(first, path.measure(64.0 * i, 0));
    joint.add(second, path.measure(64.0 * i + 1, 200e-6));
    steer(joint, {first, second});
  }
  CHECK(std::fabs(theta_of(joint, 64.0 * 39)) > 50e-6);
  joint.add(first, path.measure(64.0 * 40, 0));
  steer(joint, {first}, {second});
  CHECK(std::fabs(theta_of(joint, 64.0 * 40)) < 30e-6);
}

TEST_CASE("one of four sources that is biased does not draw the others along") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  std::vector<base::SourceId> all;
  for (std::uint32_t id = 1; id <= 4; ++id) all.push_back({id});
  for (int i = 0; i < 60; ++i) {
    for (std::uint32_t id = 1; id <= 4; ++id)
      joint.add({id}, path.measure(64.0 * i + id, id == 3 ? 300e-6 : 0));
    steer(joint, all);
  }
  CHECK(std::fabs(theta_of(joint, 64.0 * 60)) < 40e-6);
}

TEST_CASE("a clock set by somebody else is followed after a few measurements") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 60; ++i) {
    joint.add(first, path.measure(64.0 * i, i < 50 ? 0 : 3.0));
    steer(joint, {first});
  }
  CHECK(theta_of(joint, 64.0 * 59) == Approx(3).margin(200e-6));
}

TEST_CASE("one measurement from far away moves neither offset nor frequency") {
  const double away = GENERATE(1e-3, 50e-3, 3.0);
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 60; ++i) {
    joint.add(first, path.measure(64.0 * i, i == 50 ? away : 0));
    steer(joint, {first});
    if (i < 40) continue;
    CHECK(std::fabs(theta_of(joint, 64.0 * i)) < 60e-6);
    CHECK(std::fabs(joint.estimate(LocalTime{4000s}, first)->frequency) < 0.3e-6);
  }
}

TEST_CASE(
    "a source that jumps is followed within three more measurements, though little is known of it yet") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 18; ++i) {
    joint.add(first, path.measure(64.0 * i, i < 13 ? 0.0 : 10.0));
    steer(joint, {first});
    if (i == 12) CHECK(theta_of(joint, 64.0 * i) == Approx(0).margin(200e-6));
  }
  CHECK(theta_of(joint, 64.0 * 17) == Approx(10).margin(1e-3));
}

TEST_CASE("a source that is being slewed is followed at the rate at which it moves") {
  constexpr double slew = 2000e-6;
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 60; ++i) {
    joint.add(first, path.measure(64.0 * i, i < 40 ? 0.0 : slew * 64.0 * (i - 40)));
    steer(joint, {first});
  }
  CHECK(theta_of(joint, 64.0 * 59) == Approx(slew * 64 * 19).margin(1e-3));
  CHECK(joint.estimate(LocalTime{3776s}, first)->frequency == Approx(slew).margin(20e-6));
}

TEST_CASE("a jump of unknown size costs the offset, not the frequency") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 60; ++i) {
    if (i == 50) joint.lose_offset(base::Seconds{2});
    joint.add(first, path.measure(64.0 * i, 12e-6 * 64.0 * i + (i < 50 ? 0 : 0.3)));
    steer(joint, {first});
    if (i == 50) CHECK(theta_of(joint, 64.0 * i) == Approx(0.3 + 12e-6 * 64.0 * i).margin(100e-6));
    if (i >= 50) CHECK(joint.estimate(LocalTime{4000s}, first)->frequency == Approx(12e-6).margin(2e-7));
  }
}

TEST_CASE(
    "measurements that come a poll interval late, after newer ones of another source, fit all the same") {
  constexpr base::SourceId late{2};
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  for (int i = 0; i < 60; ++i) {
    joint.add(first, path.measure(1024.0 * i, 20e-6 * 1024.0 * i));
    if (i > 0) joint.add(late, path.measure(1024.0 * i - 1000, 20e-6 * (1024.0 * i - 1000)));
    steer(joint, {first, late});
    if (i >= 10) CHECK(theta_of(joint, 1024.0 * i) == Approx(20e-6 * 1024.0 * i).margin(60e-6));
  }
}

TEST_CASE("nothing is estimated before a sample of a source that takes part") {
  JointEstimator joint(prior, base::Seconds{1e-7});
  Path path;
  joint.add(first, path.measure(0, 0));
  CHECK_FALSE(joint.estimate(LocalTime{1s}, first));
  steer(joint, {first});
  CHECK(joint.estimate(LocalTime{1s}, first));
  joint.forget(first);
  CHECK_FALSE(joint.estimate(LocalTime{1s}, first));
}

TEST_CASE(
    "a server whose clock ticks is as noisy as its tick is long, though its round trips are all alike") {
  constexpr double tick = 1.0 / 64;
  std::mt19937_64 random{3};
  std::uniform_real_distribution<double> error{-tick / 2, tick / 2};
  JointEstimator joint(prior, base::Seconds{1e-7});
  for (int i = 0; i < 200; ++i) {
    joint.add(first, {LocalTime{i * 64s}, base::to_duration(base::Seconds{error(random)}),
                      base::Seconds{tick}, base::Seconds{tick}});
    steer(joint, {first});
  }
  CHECK(joint.noise(first).count() == Approx(tick / std::sqrt(12.0)).epsilon(0.1));
  CHECK_FALSE(joint.surprised());
  CHECK(theta_of(joint, 200 * 64) == Approx(0).margin(tick / 16));
}

TEST_CASE("a reference clock is followed as closely as its own noise allows") {
  constexpr double noise = 2e-9;
  constexpr double wander = 1e-9;  // s/s, a step of the frequency each second
  JointEstimator joint(prior, base::Seconds{1e-7});
  std::mt19937_64 random{11};
  std::normal_distribution<double> normal;
  double theta = 0;
  double frequency = 0;
  double square = 0;
  constexpr int begin = 500, end = 3000;
  for (int i = 0; i < end; ++i) {
    theta += frequency;
    frequency += wander * normal(random);
    joint.add(first, {LocalTime{i * 1s}, base::to_duration(base::Seconds{theta + noise * normal(random)}),
                      base::Seconds{1e-9}, base::Seconds{2 * noise}});
    steer(joint, {first});
    if (i >= begin) square += std::pow(theta_of(joint, i) - theta, 2);
  }
  // A filter that knows both is off by 1.61 ns.
  CHECK(std::sqrt(square / (end - begin)) < 1.15 * 1.61e-9);
}

}  // namespace gnomon::testing
