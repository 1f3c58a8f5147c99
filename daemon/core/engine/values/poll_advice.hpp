// SPDX-License-Identifier: GPL-2.0-or-later
// What the statistics of a source's samples say of its poll interval.
#pragma once

namespace gnomon::engine {

// Set by the timekeeper's statistics after each sample, for poll control.
struct PollAdvice {
  double best = 0;  // exponent of the interval to be approached, log2 seconds; may lie outside the limits
};

}  // namespace gnomon::engine
