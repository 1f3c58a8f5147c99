// SPDX-License-Identifier: GPL-2.0-or-later
// What the models promise to those who judge by them.
#include <algorithm>
#include <cmath>

#include "tests/sim/figures.hpp"
#include "tests/sim/known_drift.hpp"
#include "tests/sim/late_stamps.hpp"
#include "tests/sim/scenarios.hpp"
#include "tests/unit/catch.hpp"

namespace gnomon::testing {

using namespace simulation;

TEST_CASE("the first minutes and the first hour have figures of their own") {
  Figures figures(5000);
  for (int second = 1; second <= 6000; ++second)
    figures.add(second <= 60 ? 1 : second <= 1000 ? 2e-3 : second <= 5000 ? 3e-4 : 1e-6, 0);
  const Result result = std::move(figures).result(0);
  CHECK(result.rms_first_minutes == Approx(2e-3));
  CHECK(result.rms_first_hour == Approx(3e-4));
}

TEST_CASE("a driftfile says what the clock gains, but for a typical error") {
  double square = 0;
  constexpr int seeds = 400;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const KnownDrift drift = known_drift({.frequency = 20e-6}, seed);
    CHECK(std::fabs(drift.frequency - 20e-6) < 5 * drift.deviation);
    square += std::pow((drift.frequency - 20e-6) / drift.deviation, 2);
  }
  CHECK(square / seeds == Approx(1).margin(0.25));
}

TEST_CASE("where the longer route is the first one the ways are longer from the beginning") {
  const auto all = scenarios();
  for (const std::string name : {"route-one", "route-both"}) {
    INFO(name);
    ServerModel shorter = std::ranges::find(all, name, &Scenario::name)->servers.front();
    ServerModel longer = std::ranges::find(all, name + "-long", &Scenario::name)->servers.front();
    shorter.jitter = longer.jitter = 0;
    std::mt19937_64 random;
    CHECK(Path(shorter).one_way(0, false, random) == Approx(shorter.delay));
    CHECK(Path(longer).one_way(0, false, random) == Approx(longer.delay + longer.route_out));
    CHECK(Path(longer).one_way(0, true, random) == Approx(longer.delay + longer.route_back));
    CHECK(Path(longer).one_way(20000, false, random) == Approx(longer.delay));
  }
}

TEST_CASE("a late transmit timestamp makes the round trip read what the model says") {
  ExchangeStamps first({.bad_round_trip = 56e-6, .first_is_bad = true});
  CHECK(first.next(0, 300e-6).transmit == Approx(244e-6));
  CHECK(first.next(2, 300e-6).transmit == 0);
  ExchangeStamps one_of_100({.bad_round_trip = 56e-6, .bad_one_of = 100});
  int bad = 0;
  for (int i = 0; i < 1000; ++i) bad += one_of_100.next(i, 300e-6).transmit > 0 ? 1 : 0;
  CHECK(bad == 10);
}

TEST_CASE("once an hour a timestamp is late, transmit and receive timestamps in turn") {
  ExchangeStamps stamps({.late = 1e-3, .period = 3600});
  int transmit = 0;
  int receive = 0;
  for (int t = 0; t < 10 * 3600; t += 64) {
    const auto late = stamps.next(t, 300e-6);
    transmit += late.transmit > 0 ? 1 : 0;
    receive += late.receive > 0 ? 1 : 0;
  }
  CHECK(transmit == 5);
  CHECK(receive == 4);
}

}  // namespace gnomon::testing
