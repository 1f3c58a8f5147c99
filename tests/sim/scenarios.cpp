// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/scenarios.hpp"

#include <utility>

namespace gnomon::simulation {

namespace {

ServerModel server(double delay, double jitter) {
  ServerModel s;
  s.delay = delay;
  s.jitter = jitter;
  return s;
}

ServerModel server_of_kind(double delay, double jitter, Jitter kind) {
  ServerModel s = server(delay, jitter);
  s.kind = kind;
  return s;
}

Oscillator off_by(double frequency, double offset, double wander = 1e-9) {
  Oscillator o;
  o.frequency = frequency;
  o.offset = offset;
  o.wander = wander;
  return o;
}

// Temperature and start: everything that is not base about the clock itself.
std::vector<Scenario> with_other_oscillators() {
  Oscillator thermal;
  thermal.swing = 0.2e-6;
  const std::vector<ServerModel> near{server(100e-6, 100e-6)};
  return {
      {"wander",
       off_by(20e-6, 10e-3, 1e-7),
       near,
       60000,
       15000,
       {1.44e-4, 6.60e-4, 2.73e-6, 6, 915, 1.37e-4, 6.93e-3}},
      {"thermal", thermal, near, 60000, 15000, {1.20e-4, 3.48e-4, 4.46e-7, 71, 279, 5.29e-5, 1.75e-4}},
      {"freq500",
       off_by(499e-6, 10e-3),
       near,
       60000,
       15000,
       {1.03e-4, 3.14e-4, 1.86e-7, 72, 113, 2.33e-5, 1.11e-4}},
      {"offset1000",
       off_by(20e-6, 1000),
       {server(1e-3, 100e-6)},
       60000,
       15000,
       {1.25e-4, 3.53e-4, 1.53e-7, 72, 89, 2.35e-5, 1.12e-4}},
  };
}

std::vector<Scenario> with_other_networks() {
  ServerModel asymmetric = server(20e-3, 1e-3);
  asymmetric.jitter_back = 9e-3;
  const ServerModel bursty = server_of_kind(5e-3, 100e-6, Jitter::bursty);
  ServerModel lossy = server(5e-3, 1e-3);
  lossy.loss = 0.3;
  ServerModel intermittent = server(100e-6, 100e-6);
  intermittent.open = 1200;
  std::vector<ServerModel> one_wrong(4, server(5e-3, 500e-6));
  one_wrong[2].offset = 50e-3;
  const std::vector<ServerModel> four{server(10e-3, 2e-3), server(20e-3, 5e-3), server(30e-3, 5e-3),
                                      server(40e-3, 10e-3)};
  return {
      {"lan", {}, {ServerModel{}}, 60000, 15000, {7.19e-5, 2.31e-4, 1.29e-7, 6, 114, 1.57e-5, 8.45e-5}},
      {"wan",
       {},
       {server(20e-3, 5e-3)},
       150000,
       50000,
       {1.36e-3, 2.98e-3, 3.59e-7, 0, 174, 5.15e-4, 1.54e-3}},
      {"wan4", {}, four, 150000, 50000, {9.93e-4, 2.29e-3, 2.15e-7, 5, 691, 2.00e-4, 1.01e-3}},
      {"asym-jitter", {}, {asymmetric}, 150000, 50000, {1.04e-3, 2.45e-3, 3.80e-7, 0, 176, 6.02e-4, 1.13e-3}},
      {"bursty", {}, {bursty}, 60000, 15000, {1.81e-4, 4.91e-4, 1.88e-7, 6, 95, 2.58e-5, 1.51e-4}},
      {"intermittent",
       {},
       {intermittent},
       150000,
       30000,
       {3.85e-4, 1.43e-3, 3.63e-6, 5, 2324, 3.86e-4, 1.77e-3},
       true},
      {"falseticker", {}, one_wrong, 60000, 15000, {3.67e-4, 8.53e-4, 1.34e-7, 6, 341, 4.24e-5, 3.19e-4}},
      {"loss30", {}, {lossy}, 100000, 30000, {9.91e-4, 2.58e-3, 4.29e-7, 9, 138, 1.39e-4, 8.05e-4}},
      {"poll24h",
       {},
       {server(5e-3, 1e-3)},
       172800,
       43200,
       {5.03e-4, 1.46e-3, 3.13e-7, 5, 196, 1.13e-4, 5.27e-4}},
      {"xleave",
       {},
       {ServerModel{}},
       60000,
       15000,
       {1.18e-4, 3.69e-4, 2.04e-7, 8, 115, 1.74e-5, 1.26e-4},
       false,
       0,
       true},
  };
}

// Whose timestamps are coarse, or in the wrong order.
std::vector<Scenario> with_other_stamps() {
  const auto scenario = [](const char* name, int precision, const Baseline& chrony) {
    ServerModel s = server(100e-6, 50e-6);
    s.precision = precision;
    return Scenario{name, {}, {s}, 60000, 15000, chrony};
  };
  // chronyd 4.3, seeds 301-308, coarse6 and coarse10 301-316, run whole in virtual time by tests/bench/peers.
  Scenario ticks = scenario("coarse6", -6, {1.49e-03, 3.08e-03, 3.36e-07, 2, 87, 1.17e-03, 1.74e-03});
  ticks.servers.front().ticks = true;  // Windows of old
  // Received is what the network card has stamped, sent what a clock that ticks every millisecond has.
  Scenario early =
      scenario("early-transmit", -20, {1.02e-04, 2.70e-04, 1.44e-07, 57, 107, 3.25e-05, 1.20e-04});
  early.servers.front().transmit_tick = -10;
  return {scenario("coarse18", -18, {6.46e-05, 2.01e-04, 1.28e-07, 7, 107, 1.54e-05, 7.57e-05}),
          scenario("coarse10", -10, {4.12e-04, 8.80e-04, 2.37e-07, 7, 85, 1.06e-04, 3.64e-04}), ticks, early};
}

// What the model behind the estimator does not foresee.
std::vector<Scenario> mismatched() {
  Oscillator jumps;
  jumps.jump = 0.5e-6;
  ServerModel both_ways;
  both_ways.route_out = both_ways.route_back = 5e-3;
  ServerModel one_way;
  one_way.route_out = 1e-3;
  ServerModel both_ways_long = both_ways;
  ServerModel one_way_long = one_way;
  both_ways_long.longer_first = one_way_long.longer_first = true;
  std::vector<ServerModel> one_biased(4, server(5e-3, 500e-6));
  one_biased[1].offset = 2e-3;
  // chronyd 4.3, seeds 101-108, run whole in virtual time by tests/bench/peers.
  return {
      {"gamma",
       {},
       {server_of_kind(1e-3, 25e-6, Jitter::gamma)},
       60000,
       15000,
       {8.53e-05, 2.63e-04, 1.24e-07, 14, 94, 1.81e-05, 7.81e-05}},
      {"normal",
       {},
       {server_of_kind(1e-3, 50e-6, Jitter::normal)},
       60000,
       15000,
       {8.03e-05, 2.39e-04, 1.06e-07, 14, 92, 2.04e-05, 8.89e-05}},
      {"jumps",
       jumps,
       {ServerModel{}},
       60000,
       15000,
       {1.33e-04, 6.65e-04, 5.64e-07, 5, 224, 2.18e-05, 3.57e-04}},
      {"route-both",
       {},
       {both_ways},
       150000,
       15000,
       {4.63e-04, 1.78e-03, 1.73e-06, 3, 284, 4.31e-04, 4.56e-04}},
      {"route-one", {}, {one_way}, 150000, 15000, {2.95e-04, 7.29e-04, 6.45e-07, 4, 305, 3.14e-04, 3.14e-04}},
      {"route-both-long",
       {},
       {both_ways_long},
       150000,
       15000,
       {4.88e-04, 1.85e-03, 1.63e-06, 4, 275, 4.25e-04, 4.88e-04}},
      {"route-one-long",
       {},
       {one_way_long},
       150000,
       15000,
       {3.09e-04, 8.12e-04, 5.54e-07, 4, 303, 3.23e-04, 3.10e-04}},
      {"queue",
       {},
       {server_of_kind(5e-3, 500e-6, Jitter::queue)},
       60000,
       15000,
       {2.53e-04, 6.59e-04, 1.90e-07, 5, 142, 3.31e-04, 3.29e-04}},
      {"biased", {}, one_biased, 60000, 15000, {5.67e-04, 1.07e-03, 7.32e-08, 7, 342, 5.06e-04, 6.36e-04}},
  };
}

}  // namespace

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all = with_other_networks();
  for (auto& s : with_other_oscillators()) all.push_back(std::move(s));
  for (auto& s : mismatched()) all.push_back(std::move(s));
  for (auto& s : with_other_stamps()) all.push_back(std::move(s));
  return all;
}

std::vector<Scenario> scenarios_of_daemons() {
  Scenario leap{"leap", {}, {ServerModel{}}, 12000, 2000};
  leap.leap = 6000.5;
  return {leap};
}

}  // namespace gnomon::simulation
