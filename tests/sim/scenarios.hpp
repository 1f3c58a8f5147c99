// SPDX-License-Identifier: GPL-2.0-or-later
// The scenarios that clock accuracy is judged by, with what chrony reaches in each. Shared by tests,
// benches and both simulators; no part of the daemon is needed for them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/model.hpp"

namespace gnomon::simulation {

// How often servers are asked.
enum class Polling : std::uint8_t { every_16_s, every_64_s, every_1024_s, by_default };

// What the daemon knows when it starts.
enum class Start : std::uint8_t { cold, with_drift_file };

// Of chrony, geometric mean over eight seeds; 0: not known.
struct Baseline {
  double rms = 0;  // s, default poll range
  double max = 0;
  double rms_frequency = 0;
  double convergence = 0;  // s
  double packets = 0;
  double rms_poll6 = 0;
  double rms_poll10 = 0;
};

struct Scenario {
  std::string name;
  Oscillator oscillator{};
  std::vector<ServerModel> servers{};
  double until = 60000;   // s
  double settle = 15000;  // s; figures from there on
  Baseline chrony{};
  bool fixed_poll = false;   // asks every 64 s by default, too
  double leap = 0;           // s: a leap second is inserted then; 0: none
  bool interleaved = false;  // asks with xleave
};

[[nodiscard]] std::vector<Scenario> scenarios();
// What chrony reaches in the first hour, RMS in s; 0: not known.
struct StartBaseline {
  double cold_minutes = 0;  // 60 to 1000 s after a start without a driftfile
  double cold_hour = 0;     // 1000 to 5000 s
  double warm_minutes = 0;  // and with one
  double warm_hour = 0;
};
[[nodiscard]] StartBaseline start_baseline(const std::string& scenario, Polling polling);
// Further ones, that only the simulator of whole daemons can play.
[[nodiscard]] std::vector<Scenario> scenarios_of_daemons();

}  // namespace gnomon::simulation
