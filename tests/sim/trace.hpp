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
  std::vector<Exchange> exchanges;
  // Of the clock left to itself, s/s: in the first second, the second one, ...
  std::vector<double> frequencies;
};

}  // namespace gnomon::simulation
