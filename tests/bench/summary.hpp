// SPDX-License-Identifier: GPL-2.0-or-later
// What the runs of one scenario come to, and the table of the ratios of ours to chrony's. Stateless but for
// the table, which whoever prints owns.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tests/sim/figures.hpp"
#include "tests/sim/scenarios.hpp"

namespace gnomon::bench {

// One seed: the whole run begins without a driftfile, the short one, of the first hour, with one.
struct Runs {
  std::optional<simulation::Result> cold{};
  std::optional<simulation::Result> warm{};
};
// Of the first hour alone.
[[nodiscard]] simulation::Scenario first_hour_of(simulation::Scenario scenario);

// Geometric means over the seeds; 0: not known.
struct Summary {
  double rms = 0;  // s
  double max = 0;  // s
  double rms_frequency = 0;
  double convergence = 0;  // s
  double packets = 0;
  double cold_minutes = 0;  // s: RMS from 60 to 1000 s after the start, no driftfile
  double cold_hour = 0;     // s: RMS from 1000 to 5000 s
  double warm_minutes = 0;  // s: the same with a driftfile
  double warm_hour = 0;
  double limit = 0;  // s: RMS of the best that can be known (oracle.hpp)
};
using Figure = double Summary::*;

// nullopt: not one of them ran to the end.
[[nodiscard]] std::optional<Summary> summarise(std::span<const Runs> runs);
// What chrony reaches, as far as it is known.
[[nodiscard]] Summary chronys(const simulation::Scenario& scenario, simulation::Polling polling);

struct Comparison {
  std::string scenario;
  simulation::Polling polling{};
  std::optional<Summary> ours{};
  std::optional<Summary> theirs{};  // chrony's
  std::optional<Summary> best{};    // what nobody can be better than (oracle/oracle.hpp)
};

// One figure of ours and its ratio to another's.
struct Column {
  const char* heading = nullptr;
  Figure figure = nullptr;
  std::optional<Summary> Comparison::* against = &Comparison::theirs;
  // 0: one of the two is not known
  [[nodiscard]] double ratio(const Comparison& comparison) const;
};
inline constexpr std::array<Column, 9> compared{{{"RMS s", &Summary::rms},
                                                 {"max s", &Summary::max},
                                                 {"RMS freq", &Summary::rms_frequency},
                                                 {"conv s", &Summary::convergence},
                                                 {"packets", &Summary::packets},
                                                 {"60-1000", &Summary::cold_minutes},
                                                 {"1000-5000", &Summary::cold_hour},
                                                 {"drift60-", &Summary::warm_minutes},
                                                 {"drift1000-", &Summary::warm_hour}}};
inline constexpr std::array<Column, 5> limits{{{"limit RMS", &Summary::rms, &Comparison::best},
                                               {"60-1000", &Summary::cold_minutes, &Comparison::best},
                                               {"1000-5000", &Summary::cold_hour, &Comparison::best},
                                               {"drift60-", &Summary::warm_minutes, &Comparison::best},
                                               {"drift1000-", &Summary::warm_hour, &Comparison::best}}};

// The geometric mean and the worst ratio of each column at that polling, with the scenario it is of.
void print_means(std::span<const Comparison> all, simulation::Polling polling,
                 std::span<const Column> columns);
[[nodiscard]] std::string absolute_cell(const Summary& summary, const Column& column);  // 10 characters
[[nodiscard]] std::string ratio_cell(double ratio);                                     // 6 characters

}  // namespace gnomon::bench
