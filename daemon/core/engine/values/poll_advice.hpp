// SPDX-License-Identifier: GPL-2.0-or-later
// What the statistics of a source's samples say of its poll interval.
#pragma once

#include <optional>

namespace gnomon::engine {

// Poll control's wish, set by the timekeeper's statistics after each sample.
struct PollAdvice {
  int change = 0;                // -1 shorter, 0 keep, +1 longer
  std::optional<double> best{};  // exponent of the interval to be approached; before `change`
};

}  // namespace gnomon::engine
