// SPDX-License-Identifier: GPL-2.0-or-later
// How often something may happen: a burst at once, then once in each interval. Time comes in as an argument.
#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace gnomon::base {

struct TokenBucket {
  double tokens = 0;  // as many times more at `filled`
  MonoTime filled{};

  // Whether it may happen now; then a token is gone. interval: above 0 s.
  [[nodiscard]] bool take(double burst, Seconds interval, MonoTime now) {
    const double elapsed = std::max(to_seconds(now - filled).count(), 0.0);
    tokens = std::min(tokens + elapsed / interval.count(), burst);
    filled = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }
};

}  // namespace gnomon::base
