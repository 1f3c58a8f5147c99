// SPDX-License-Identifier: GPL-2.0-or-later
// What really happened in a run, for whoever judges what could have been known. Filled in by the simulation,
// owned by its caller.
#pragma once

#include <cstddef>
#include <vector>

namespace gnomon::simulation {

struct Trace {
  struct Exchange {  // answered; in the order of arrival
    std::size_t server = 0;
    double sent = 0;     // s, true time
    double arrived = 0;  // the answer
    double out = 0;      // s, how long the request took
    double back = 0;
  };
  struct Turn {       // what the clock helper was told, or did when a slew was over
    double at = 0;    // s, true time but for what the machine slept
    double rate = 0;  // what the clock runs at from then on, s/s
    double base = 0;  // and will after the slew
    double gain = 0;  // s, of the slew
    double step = 0;  // s
  };
  std::vector<Turn> turns;
  std::vector<Exchange> exchanges;
  // Of the clock left to itself, s/s: in the first second, the second one, ...
  std::vector<double> frequencies;
};

}  // namespace gnomon::simulation
