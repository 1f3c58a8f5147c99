// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/filter_bank.hpp"

#include <cmath>
#include <random>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr std::size_t bias = ClockFilter::first_bias;
constexpr double interval = 64;  // s

FilterBank fresh() {
  FilterBank bank(0, 200e-6);
  bank.add_bias(1e-9);
  bank.widen(ClockFilter::offset, 1);
  return bank;
}

// A clock that is 30 ppm off and wanders by that much (s^2/s^3), measured through queues of 20 us in the
// mean.
struct Clock {
  double wander = 0;
  double offset = 0;
  double frequency = 30e-6;
  std::mt19937_64 random{11};

  void measure(FilterBank& bank) {
    std::normal_distribution<double> change;
    std::exponential_distribution<double> queue(1 / 20e-6);
    offset += frequency * interval;
    frequency += change(random) * std::sqrt(wander * interval);
    const double out = queue(random);
    const double back = queue(random);
    bank.predict(interval);
    bank.update(offset + (out - back) / 2, bias, {.over = out + back, .scale = 30e-6}, 1e-7);
  }
};

}  // namespace

TEST_CASE("the bank finds offset and frequency, and says how well it knows them") {
  FilterBank bank = fresh();
  Clock clock;
  for (int i = 0; i < 200; ++i) clock.measure(bank);
  const auto estimate = bank.estimate();
  CHECK(estimate.frequency == Approx(clock.frequency).margin(5 * std::sqrt(estimate.frequency_variance)));
  CHECK(estimate.offset == Approx(clock.offset).margin(5 * std::sqrt(estimate.offset_variance)));
  CHECK(std::sqrt(estimate.offset_variance) < 10e-6);
  CHECK(std::sqrt(estimate.frequency_variance) < 1e-8);
  CHECK(bank.states()[ClockFilter::offset] == Approx(estimate.offset));
}

TEST_CASE("later is as the frequency says, and less certain") {
  FilterBank bank = fresh();
  Clock clock;
  for (int i = 0; i < 50; ++i) clock.measure(bank);
  const auto now = bank.estimate();
  const auto later = bank.estimate(1000);
  CHECK(later.offset == Approx(now.offset + 1000 * now.frequency));
  CHECK(later.offset_variance > now.offset_variance);
}

TEST_CASE("a clock that wanders is told from a steady one") {
  const auto wander_of = [](double wander) {
    FilterBank bank = fresh();
    Clock clock{.wander = wander};
    for (int i = 0; i < 300; ++i) clock.measure(bank);
    return bank.wander();
  };
  const double steady = wander_of(0);
  const double unsteady = wander_of(1e-14);
  CHECK(steady < 1e-17);
  CHECK(unsteady > 100 * steady);
}

TEST_CASE("the evidence is higher for measurements that fit a clock") {
  FilterBank fits = fresh();
  FilterBank does_not = fresh();
  Clock clock;
  Clock same;
  for (int i = 0; i < 30; ++i) {
    clock.measure(fits);
    same.offset += i % 2 == 0 ? 1e-3 : -1e-3;  // nothing that a clock does
    same.measure(does_not);
  }
  CHECK(fits.evidence() > does_not.evidence() + 10);
}

TEST_CASE("a bias that leaves takes nothing along, one that widens is less certain") {
  FilterBank bank = fresh();
  bank.add_bias(1e-3);
  Clock clock;
  for (int i = 0; i < 20; ++i) clock.measure(bank);
  const double before = bank.measured_variance(bias);
  bank.remove_bias(bias + 1);
  CHECK(bank.measured_variance(bias) == before);
  bank.widen(bias, 1e-6);
  CHECK(bank.measured_variance(bias) == Approx(before + 1e-6));
  bank.renew_bias(bias, 2e-3);
  CHECK(bank.states()[bias] == 0);
}

}  // namespace gnomon::testing
