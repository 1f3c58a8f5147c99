// SPDX-License-Identifier: GPL-2.0-or-later
// The oracle is right where the best estimate is known otherwise.
#include <algorithm>
#include <cmath>

#include "tests/bench/oracle/oracle.hpp"
#include "tests/bench/oracle/particle_filter.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace bench;

namespace {

constexpr double noise = 30e-6;    // s, of a measurement
constexpr double wander = 2e-9;    // s/s per sqrt(s)
constexpr double unknown = 10e-6;  // s/s, of the frequency at the start

class Measured : public Likelihood {
 public:
  explicit Measured(double offset) : offset_(offset) {}
  [[nodiscard]] Normal normal() const override { return {offset_, noise}; }
  [[nodiscard]] double rest(std::size_t, double) const override { return 1; }

 private:
  double offset_;
};

// The same, but nothing is said about how to draw from it.
class Weighed : public Likelihood {
 public:
  explicit Weighed(double offset) : offset_(offset) {}
  [[nodiscard]] Support support() const override { return {offset_ - 7 * noise, offset_ + 7 * noise}; }
  [[nodiscard]] double rest(std::size_t, double offset) const override {
    const double y = (offset - offset_) / noise;
    return std::exp(-y * y / 2);
  }

 private:
  double offset_;
};

class Within : public Likelihood {
 public:
  Within(double low, double high) : support_{low, high} {}
  [[nodiscard]] Support support() const override { return support_; }
  [[nodiscard]] double rest(std::size_t, double) const override { return 1; }

 private:
  Support support_;
};

class Kalman {
 public:
  void advance(double seconds) {
    x_ += f_ * seconds;
    xx_ += seconds * (2 * xf_ + seconds * ff_);
    xf_ += seconds * ff_;
  }
  void kick(double realised) {
    f_ -= realised;
    ff_ += wander * wander;
  }
  void update(double measured) {
    const double s = xx_ + noise * noise;
    const double innovation = measured - x_;
    x_ += xx_ / s * innovation;
    f_ += xf_ / s * innovation;
    ff_ -= xf_ * xf_ / s;
    xf_ -= xx_ * xf_ / s;
    xx_ -= xx_ * xx_ / s;
  }
  [[nodiscard]] double error() const { return x_; }
  [[nodiscard]] double deviation() const { return std::sqrt(xx_); }

 private:
  double x_ = 0;
  double f_ = 0;
  double xx_ = 1;
  double xf_ = 0;
  double ff_ = unknown * unknown;
};

template <class Kind>
void check_against_kalman() {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  ParticleFilter filter(2000, {1, 0, unknown}, 1);
  Kalman kalman;
  double apart = 0;
  double squares = 0;
  double kalmans_squares = 0;
  constexpr int measurements = 600;
  for (int i = 0; i < measurements; ++i) {
    const double measured = noise * normal(random);
    filter.update(Kind(measured));
    kalman.update(measured);
    for (int second = 0; second < 64; ++second) {
      const double change = wander * normal(random);
      filter.advance(1);
      kalman.advance(1);
      squares += filter.error() * filter.error();
      kalmans_squares += kalman.error() * kalman.error();
      apart += std::pow((filter.error() - kalman.error()) / kalman.deviation(), 2);
      filter.kick(wander, change);
      kalman.kick(change);
    }
  }
  CHECK(std::sqrt(apart / (64 * measurements)) < 0.1);
  CHECK(std::sqrt(squares / kalmans_squares) == Approx(1).margin(0.02));
}

simulation::Trace exchanges(const simulation::Scenario& scenario, double interval, std::uint64_t seed = 3) {
  simulation::Trace trace;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  simulation::Path path(scenario.servers.front());
  simulation::Drift drift(scenario.oscillator);
  trace.frequencies.push_back(drift.at(0));
  for (double t = 1; t <= scenario.until; ++t) {
    drift.wander(normal(random));
    trace.frequencies.push_back(drift.at(t));
  }
  for (double t = 0.5; t < scenario.until; t += interval) {
    const double out = path.one_way(t, false, random);
    const double back = path.one_way(t, true, random);
    trace.exchanges.push_back({0, t, t + out + back, out, back});
  }
  return trace;
}

simulation::Scenario named(const std::string& name) {
  const auto all = simulation::scenarios();
  return *std::ranges::find(all, name, &simulation::Scenario::name);
}

}  // namespace

TEST_CASE("where all is linear and normal the particles know what a Kalman filter knows") {
  check_against_kalman<Measured>();
}

TEST_CASE("weighing particles comes to the same as drawing them where they belong") {
  check_against_kalman<Weighed>();
}

TEST_CASE("of limits alone the middle of what they have in common is known") {
  ParticleFilter filter(4000, {1, 0, 1e-12}, 1);
  double low = -1;
  double high = 1;
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> width(10e-6, 100e-6);
  for (int i = 0; i < 6; ++i) {
    const Within limits(-width(random), width(random));
    low = std::max(low, limits.support().low);
    high = std::min(high, limits.support().high);
    filter.update(limits);
    CHECK(filter.error() == Approx((low + high) / 2).margin(0.03 * (high - low)));
    filter.advance(1);
  }
}

TEST_CASE("more particles know nothing more") {
  for (const std::string name : {"lan", "wan", "bursty", "gamma", "queue", "normal"}) {
    INFO(name);
    auto scenario = named(name);
    scenario.until = 6000;
    scenario.settle = 1000;
    constexpr std::uint64_t seeds = 4;
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const auto trace = exchanges(scenario, 64, seed);
      sum += std::log(best_estimate(scenario, trace, {}).rms / best_estimate(scenario, trace, {}, 4000).rms);
    }
    CHECK(std::exp(sum / seeds) == Approx(1).epsilon(0.05));
  }
}

TEST_CASE("the same measurements give the same estimate") {
  auto scenario = named("lan");
  scenario.until = 5000;
  scenario.settle = 1000;
  const auto trace = exchanges(scenario, 64);
  CHECK(best_estimate(scenario, trace, {}).errors == best_estimate(scenario, trace, {}).errors);
}

TEST_CASE("routes and temperature cost nothing when they are known") {
  const auto lan = named("lan");
  for (const std::string name : {"route-both", "route-one-long", "jumps"}) {
    INFO(name);
    auto scenario = named(name);
    scenario.until = lan.until;
    scenario.settle = lan.settle;
    const double known = best_estimate(lan, exchanges(lan, 64), {}).rms;
    CHECK(best_estimate(scenario, exchanges(scenario, 64), {}).rms == Approx(known).epsilon(0.05));
  }
}

}  // namespace gnomon::testing
