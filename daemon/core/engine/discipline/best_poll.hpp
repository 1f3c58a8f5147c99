// SPDX-License-Identifier: GPL-2.0-or-later
// The poll interval that makes the most of a source. Stateless.
#pragma once

#include "base/time.hpp"
#include "daemon/core/engine/values/poll_advice.hpp"

namespace gnomon::engine {

struct PollFigures {
  base::Seconds noise{};      // typical, of the source's samples
  double wander = 1e-18;      // of our clock, s^2/s^3, above 0
  double skew = 2e-3;         // bound on the error of our clock's frequency, s/s, above 0
  base::Seconds known_for{};  // since our clock was first looked at
  int poll_target = 8;        // as configured
  bool surprised = false;     // the last measurements are nothing like what was foretold
};
[[nodiscard]] PollAdvice best_poll(const PollFigures& figures);

}  // namespace gnomon::engine
