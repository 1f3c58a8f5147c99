// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/clock_filter.hpp"

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

namespace {

constexpr Noise fine{0, 1e-6, 0};
constexpr auto offset = ClockFilter::offset;
constexpr auto frequency = ClockFilter::frequency;
constexpr auto first_bias = ClockFilter::first_bias;

ClockFilter with_biases(int count, double deviation = 1e-12) {
  ClockFilter filter(0, 1e-4);
  filter.widen(offset, 1e-6);
  for (int i = 0; i < count; ++i) filter.add_bias(deviation);
  return filter;
}

}  // namespace

TEST_CASE("without measurements the frequency moves the offset and its uncertainty widens it") {
  ClockFilter filter(2e-6, 1e-6);
  const double growth = filter.growth(10, 1e-15);
  filter.predict(10, 1e-15);
  CHECK(filter.value(offset) == Approx(20e-6));
  CHECK(filter.variance(offset) == Approx(growth));
  CHECK(filter.variance(offset) == Approx(1e-12 * 100 + 1e-15 * 1000 / 3));
  CHECK(filter.variance(frequency) == Approx(1e-12 + 1e-14));
}

TEST_CASE("measurements tell the offset, and in the course of time the frequency") {
  ClockFilter filter = with_biases(1);
  for (int i = 0; i < 10; ++i) static_cast<void>(filter.update(0.25e-3, first_bias, fine));
  CHECK(filter.value(offset) == Approx(0.25e-3).margin(1e-6));
  CHECK(filter.variance(offset) < 1e-12);
  CHECK(filter.variance(offset) > 0.9e-13);
  filter.predict(1000, 1e-22);
  for (int i = 0; i < 10; ++i) static_cast<void>(filter.update(0.25e-3 + 50e-6 * 1000, first_bias, fine));
  CHECK(filter.value(frequency) == Approx(50e-6).margin(1e-8));
  CHECK(filter.variance(frequency) < 1e-17);
}

TEST_CASE("the likelier measurement is the one that was foretold") {
  ClockFilter filter = with_biases(1);
  static_cast<void>(filter.update(0, first_bias, fine));
  ClockFilter other = filter;
  CHECK(filter.update(0, first_bias, fine) > other.update(20e-6, first_bias, fine));
}

TEST_CASE("what one source says of another one's bias is kept when a third one leaves") {
  ClockFilter filter = with_biases(3, 1e-3);
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(filter.update(0, first_bias, fine));
    static_cast<void>(filter.update(5e-3, first_bias + 1, fine));
    static_cast<void>(filter.update(2e-3, first_bias + 2, fine));
  }
  const double apart = filter.value(first_bias + 2) - filter.value(first_bias);
  CHECK(apart == Approx(2e-3).epsilon(0.01));
  const double variance = filter.measured_variance(first_bias + 2);
  filter.remove_bias(first_bias + 1);
  CHECK(filter.value(first_bias + 1) - filter.value(first_bias) == apart);
  CHECK(filter.measured_variance(first_bias + 1) == variance);
}

TEST_CASE("a renewed bias is another one: nothing is known of it but its size") {
  ClockFilter filter = with_biases(1, 1e-3);
  static_cast<void>(filter.update(0.5e-3, first_bias, fine));
  filter.renew_bias(first_bias, 2e-3);
  CHECK(filter.value(first_bias) == 0);
  CHECK(filter.variance(first_bias) == Approx(4e-6));
  CHECK(filter.measured_variance(first_bias) == Approx(filter.variance(offset) + 4e-6));
}

}  // namespace gnomon::testing
