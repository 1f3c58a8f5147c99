// SPDX-License-Identifier: GPL-2.0-or-later
// chronyd 4.3, seeds 101-108, run whole in virtual time: tests/bench/peers --first-hour yes.
#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "tests/sim/scenarios.hpp"

namespace gnomon::simulation {

namespace {

struct Row {
  std::string_view scenario;
  StartBaseline baseline;
};

constexpr std::array<Row, 23> at_poll_4{{
    {"lan", {8.35e-06, 6.55e-06, 7.83e-06, 6.55e-06}},
    {"wan", {7.97e-04, 4.28e-04, 6.87e-04, 4.28e-04}},
    {"wan4", {3.21e-04, 2.11e-04, 2.87e-04, 2.11e-04}},
    {"asym-jitter", {1.04e-03, 5.92e-04, 9.37e-04, 5.92e-04}},
    {"bursty", {3.85e-05, 1.93e-05, 3.23e-05, 1.93e-05}},
    {"intermittent", {1.60e-05, 6.31e-05, 1.47e-05, 6.32e-05}},
    {"falseticker", {5.35e-05, 3.14e-05, 4.77e-05, 3.14e-05}},
    {"loss30", {3.02e-04, 9.24e-05, 2.06e-04, 9.24e-05}},
    {"poll24h", {1.60e-04, 8.71e-05, 1.40e-04, 8.71e-05}},
    {"xleave", {1.01e-05, 7.18e-06, 9.27e-06, 7.18e-06}},
    {"wander", {6.44e-05, 6.02e-05, 6.44e-05, 6.02e-05}},
    {"thermal", {2.12e-05, 1.94e-05, 2.01e-05, 1.94e-05}},
    {"freq500", {1.60e-05, 9.98e-06, 1.45e-05, 9.98e-06}},
    {"offset1000", {1.59e-05, 1.01e-05, 1.47e-05, 1.01e-05}},
    {"gamma", {1.50e-05, 8.83e-06, 1.43e-05, 8.83e-06}},
    {"normal", {1.47e-05, 1.07e-05, 1.37e-05, 1.07e-05}},
    {"jumps", {8.35e-06, 6.55e-06, 7.83e-06, 6.55e-06}},
    {"route-both", {8.35e-06, 6.55e-06, 7.83e-06, 6.55e-06}},
    {"route-one", {8.35e-06, 6.55e-06, 7.83e-06, 6.55e-06}},
    {"route-both-long", {8.95e-06, 6.58e-06, 8.42e-06, 6.58e-06}},
    {"route-one-long", {5.02e-04, 5.00e-04, 5.02e-04, 5.00e-04}},
    {"queue", {3.63e-04, 3.10e-04, 3.62e-04, 3.10e-04}},
    {"biased", {4.80e-04, 5.01e-04, 4.78e-04, 5.01e-04}},
}};

constexpr std::array<Row, 23> at_poll_6{{
    {"lan", {3.44e-05, 1.41e-05, 1.48e-05, 1.41e-05}},
    {"wan", {1.77e-03, 4.56e-04, 1.23e-03, 4.50e-04}},
    {"wan4", {1.40e-03, 2.97e-04, 9.80e-04, 2.96e-04}},
    {"asym-jitter", {2.29e-03, 6.26e-04, 2.09e-03, 6.27e-04}},
    {"bursty", {3.65e-04, 2.73e-05, 1.93e-04, 2.73e-05}},
    {"intermittent", {6.83e-05, 5.99e-05, 2.77e-05, 5.99e-05}},
    {"falseticker", {2.77e-04, 4.81e-05, 1.07e-04, 4.79e-05}},
    {"loss30", {1.00e-03, 1.25e-04, 3.91e-04, 1.21e-04}},
    {"poll24h", {4.22e-04, 9.53e-05, 2.54e-04, 9.53e-05}},
    {"xleave", {6.41e-05, 1.54e-05, 4.05e-05, 1.54e-05}},
    {"wander", {1.40e-04, 1.37e-04, 1.11e-04, 1.37e-04}},
    {"thermal", {7.44e-05, 5.23e-05, 3.42e-05, 5.23e-05}},
    {"freq500", {6.83e-05, 1.75e-05, 2.72e-05, 1.75e-05}},
    {"offset1000", {6.63e-05, 1.77e-05, 2.74e-05, 1.77e-05}},
    {"gamma", {5.34e-05, 1.75e-05, 2.11e-05, 1.75e-05}},
    {"normal", {6.14e-05, 2.16e-05, 2.23e-05, 2.16e-05}},
    {"jumps", {3.44e-05, 1.41e-05, 1.48e-05, 1.41e-05}},
    {"route-both", {3.44e-05, 1.41e-05, 1.48e-05, 1.41e-05}},
    {"route-one", {3.44e-05, 1.41e-05, 1.48e-05, 1.41e-05}},
    {"route-both-long", {3.68e-05, 1.40e-05, 1.79e-05, 1.40e-05}},
    {"route-one-long", {5.05e-04, 5.08e-04, 5.03e-04, 5.08e-04}},
    {"queue", {3.20e-04, 3.29e-04, 3.04e-04, 3.29e-04}},
    {"biased", {5.48e-04, 4.87e-04, 4.44e-04, 4.83e-04}},
}};

constexpr std::array<Row, 23> at_poll_10{{
    {"lan", {1.17e-03, 3.05e-04, 2.89e-05, 5.21e-05}},
    {"wan", {1.02e-02, 4.69e-03, 4.02e-04, 1.75e-03}},
    {"wan4", {1.11e-02, 3.14e-03, 1.51e-03, 1.06e-03}},
    {"asym-jitter", {8.77e-03, 4.53e-03, 8.05e-04, 2.18e-03}},
    {"bursty", {4.82e-03, 2.76e-03, 5.06e-05, 8.90e-04}},
    {"intermittent", {2.24e-03, 7.08e-04, 3.12e-05, 1.66e-04}},
    {"falseticker", {1.06e-02, 2.27e-03, 1.48e-04, 2.55e-04}},
    {"loss30", {9.62e-03, 7.79e-03, 1.35e-04, 3.35e-04}},
    {"poll24h", {9.04e-03, 2.45e-03, 1.25e-04, 3.40e-04}},
    {"xleave", {1.20e-03, 1.20e-03, 3.56e-05, 6.94e-04}},
    {"wander", {2.96e-03, 2.92e-03, 4.02e-04, 2.60e-03}},
    {"thermal", {1.95e-03, 6.61e-04, 5.75e-05, 1.35e-04}},
    {"freq500", {2.25e-03, 5.86e-04, 1.34e-04, 1.05e-04}},
    {"offset1000", {2.58e-03, 6.13e-04, 3.20e-05, 6.98e-05}},
    {"gamma", {3.06e-03, 5.77e-04, 3.81e-05, 5.70e-05}},
    {"normal", {3.50e-03, 6.36e-04, 3.77e-05, 4.35e-05}},
    {"jumps", {1.17e-03, 3.05e-04, 2.89e-05, 5.21e-05}},
    {"route-both", {1.17e-03, 3.05e-04, 2.89e-05, 5.21e-05}},
    {"route-one", {1.17e-03, 3.05e-04, 2.89e-05, 5.21e-05}},
    {"route-both-long", {1.24e-03, 2.79e-04, 2.83e-05, 5.41e-05}},
    {"route-one-long", {1.69e-03, 7.41e-04, 4.98e-04, 5.25e-04}},
    {"queue", {3.73e-03, 8.21e-04, 2.29e-04, 2.53e-04}},
    {"biased", {1.58e-02, 2.93e-03, 3.81e-04, 5.60e-04}},
}};

constexpr std::array<Row, 23> at_default_polls{{
    {"lan", {3.44e-05, 2.27e-05, 1.48e-05, 2.27e-05}},
    {"wan", {1.77e-03, 8.06e-04, 1.23e-03, 7.99e-04}},
    {"wan4", {1.40e-03, 3.45e-04, 9.80e-04, 3.44e-04}},
    {"asym-jitter", {2.29e-03, 6.70e-04, 2.09e-03, 6.72e-04}},
    {"bursty", {3.65e-04, 3.60e-05, 1.93e-04, 3.60e-05}},
    {"intermittent", {6.83e-05, 5.99e-05, 2.77e-05, 5.99e-05}},
    {"falseticker", {2.77e-04, 8.44e-05, 1.07e-04, 8.42e-05}},
    {"loss30", {1.00e-03, 1.72e-04, 3.91e-04, 1.64e-04}},
    {"poll24h", {4.22e-04, 1.51e-04, 2.54e-04, 1.51e-04}},
    {"xleave", {6.41e-05, 3.00e-05, 4.05e-05, 3.00e-05}},
    {"wander", {1.40e-04, 1.36e-04, 1.11e-04, 1.36e-04}},
    {"thermal", {7.44e-05, 1.10e-04, 3.42e-05, 1.10e-04}},
    {"freq500", {6.83e-05, 2.78e-05, 2.72e-05, 2.78e-05}},
    {"offset1000", {6.63e-05, 2.81e-05, 2.74e-05, 2.81e-05}},
    {"gamma", {5.34e-05, 3.05e-05, 2.11e-05, 3.05e-05}},
    {"normal", {6.14e-05, 2.98e-05, 2.23e-05, 2.98e-05}},
    {"jumps", {3.44e-05, 2.27e-05, 1.48e-05, 2.27e-05}},
    {"route-both", {3.44e-05, 2.27e-05, 1.48e-05, 2.27e-05}},
    {"route-one", {3.44e-05, 2.27e-05, 1.48e-05, 2.27e-05}},
    {"route-both-long", {3.68e-05, 2.31e-05, 1.79e-05, 2.31e-05}},
    {"route-one-long", {5.05e-04, 5.14e-04, 5.03e-04, 5.14e-04}},
    {"queue", {3.20e-04, 2.37e-04, 3.04e-04, 2.37e-04}},
    {"biased", {5.48e-04, 4.75e-04, 4.44e-04, 4.70e-04}},
}};

StartBaseline find(std::span<const Row> rows, const std::string& scenario) {
  const auto row = std::ranges::find(rows, scenario, &Row::scenario);
  return row == rows.end() ? StartBaseline{} : row->baseline;
}

}  // namespace

StartBaseline start_baseline(const std::string& scenario, Polling polling) {
  switch (polling) {
    case Polling::every_16_s:
      return find(at_poll_4, scenario);
    case Polling::every_64_s:
      return find(at_poll_6, scenario);
    case Polling::every_1024_s:
      return find(at_poll_10, scenario);
    case Polling::by_default:
      break;
  }
  return find(at_default_polls, scenario);
}

}  // namespace gnomon::simulation
