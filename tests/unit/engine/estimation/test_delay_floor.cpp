// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/delay_floor.hpp"

#include <cmath>
#include <random>

#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace engine;

TEST_CASE("a longer route is noticed once it has stayed, bursts are not taken for one") {
  DelayFloor floor;
  std::mt19937_64 random(3);
  std::exponential_distribution<double> queue(1 / 50e-6);
  std::uniform_real_distribution<double> uniform;
  for (int i = 0; i < 200; ++i) {
    const double burst = uniform(random) < 0.2 ? 10e-3 * uniform(random) : 0;
    CHECK(floor.add(1e-3 + queue(random) + burst).kind == FloorChange::Kind::none);
  }
  FloorChange change;
  int needed = 0;
  while (change.kind == FloorChange::Kind::none && needed < 20) {
    change = floor.add(6e-3 + queue(random));
    ++needed;
  }
  CHECK(needed == 4);
  CHECK(change.kind == FloorChange::Kind::risen);
  CHECK(change.moved == Approx(5e-3).margin(2e-4));
}

TEST_CASE("a shorter route is believed by the second short round trip, one alone is not") {
  DelayFloor floor;
  std::mt19937_64 random(3);
  std::exponential_distribution<double> queue(1 / 50e-6);
  for (int i = 0; i < 50; ++i) static_cast<void>(floor.add(6e-3 + queue(random)));
  for (int i = 0; i < 5; ++i) {
    CHECK(floor.add(1e-3).kind == FloorChange::Kind::none);
    // Its offset may be wrong by half of what is missing.
    CHECK(floor.excess(1e-3).over > 5e-3);
    for (int k = 0; k < 2; ++k) CHECK(floor.add(6e-3 + queue(random)).kind == FloorChange::Kind::none);
  }
  static_cast<void>(floor.add(1e-3));
  const FloorChange change = floor.add(1e-3);
  CHECK(change.kind == FloorChange::Kind::fallen);
  CHECK(change.moved == Approx(-5e-3).margin(2e-4));
}

TEST_CASE("round trips that are like their neighbours count for less, others do not") {
  DelayFloor apart;
  DelayFloor alike;
  std::mt19937_64 random(5);
  std::exponential_distribution<double> queue(1 / 50e-6);
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(apart.add(1e-3 + queue(random) + queue(random)));
    static_cast<void>(alike.add(1e-3 + 100e-6 * (1 + std::sin(i * 0.2))));
  }
  CHECK(apart.excess(1.1e-3).likeness < 0.2);
  CHECK(noise_of(apart.excess(1.1e-3), 0, 1e-7).share > 0.65);
  CHECK(alike.excess(1.1e-3).likeness > 0.5);
  CHECK(noise_of(alike.excess(1.1e-3), 0, 1e-7).share < 0.35);
}

TEST_CASE("a queue that only grows is known to be alike") {
  DelayFloor floor;
  for (int i = 0; i < 24; ++i) static_cast<void>(floor.add(1e-3 + i * 20e-6));
  CHECK(floor.excess(1e-3).likeness > 0.6);
}

TEST_CASE("a known shortest round trip does not move with what is measured") {
  DelayFloor floor;
  floor.fix(0.010);
  for (int i = 0; i < 40; ++i) CHECK(floor.add(i < 20 ? 0.012 : 0.030).kind == FloorChange::Kind::none);
  CHECK(floor.floor() == 0.010);
  CHECK(floor.excess(0.015).over == Approx(0.005));
}

TEST_CASE("a round trip that only one was as short as is no floor") {
  DelayFloor floor;
  static_cast<void>(floor.add(1e-3));
  for (int i = 0; i < 7; ++i) static_cast<void>(floor.add(10e-3 + i * 1e-6));
  CHECK(floor.floor() == 10e-3);
  CHECK(floor.count() == 8);
}

}  // namespace gnomon::testing
