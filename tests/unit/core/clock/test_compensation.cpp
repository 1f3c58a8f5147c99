// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/compensation.hpp"

#include "tests/unit/catch.hpp"

using namespace gnomon;
using core::compensation_at;
using core::parse_points;
using core::parse_temperature;

namespace {

// The examples of chrony.conf(5).
const config::TemperatureCompensation formula{.t0 = 26000, .k1 = {0.000183}};
constexpr auto example = "20000 1.0\n21000 0.64\n22000 0.36\n23000 0.16\n24000 0.04\n25000 0.0\n";

double by_points(double temperature) {
  return compensation_at(temperature, {}, parse_points(example).value()).value;
}

}  // namespace

TEST_CASE("the formula gives what chrony's manual says") {
  CHECK(compensation_at(26000, formula, {}).value == 0);
  CHECK(compensation_at(27000, formula, {}).value == Approx(0.183));
  const config::TemperatureCompensation square{.t0 = 20, .k0 = {1}, .k1 = {0.5}, .k2 = {0.25}};
  CHECK(compensation_at(22, square, {}).value == Approx(3));
}

TEST_CASE("between points and beyond them the lines through them count") {
  CHECK(by_points(20000) == Approx(1));
  CHECK(by_points(20500) == Approx(0.82));
  CHECK(by_points(23000) == Approx(0.16));
  CHECK(by_points(19000) == Approx(1.36));
  CHECK(by_points(26000) == Approx(-0.04));
}

TEST_CASE("a file of points is read as a whole or not at all") {
  CHECK(parse_points(" 1 2 \n\n3\t-4e-1")->size() == 2);
  CHECK(parse_points("1 2\n").error() == "there are fewer than two points");
  CHECK(parse_points("1 2\n3\n").error() == "line 2 is not a temperature and a compensation in ppm");
  CHECK_FALSE(parse_points("1 2\n3 4 5\n"));
  CHECK_FALSE(parse_points("1 2\n3 nan\n"));
  CHECK(parse_points("1 2\n1 3\n").error() == "the temperature in line 2 is not above the one before");
}

TEST_CASE("a temperature is the number at the beginning") {
  CHECK(parse_temperature("26000\n") == 26000);
  CHECK(parse_temperature("  -1.5e1 degrees") == -15);
  CHECK(parse_temperature("+3") == 3);
  for (const auto* const text : {"", "\n", "warm", "nan", "inf"}) CHECK_FALSE(parse_temperature(text));
}

TEST_CASE("what is added to a command is taken from what it reports") {
  const engine::SetRate command{.frequency = {50}, .slew = {100}, .duration = std::chrono::seconds{3}};
  const auto made = std::get<engine::SetRate>(core::with_compensation(command, {-8}));
  CHECK(made.frequency.value == Approx(50 - 8 - 50e-6 * 8));
  CHECK(made.slew == command.slew);
  CHECK(made.duration == command.duration);
  const auto seen = core::without_compensation({.rate = made.frequency.ratio()}, {-8});
  CHECK(seen.rate == Approx(50e-6).epsilon(1e-12));
  CHECK(core::with_compensation(engine::StepClock{}, {5}) == engine::ClockCommand{engine::StepClock{}});
}
