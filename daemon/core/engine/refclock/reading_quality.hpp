// SPDX-License-Identifier: GPL-2.0-or-later
// Which readings of a clock are as good as usual: one that took longer than most of the last ones may be
// wrong by more than a clock is that was left alone meanwhile. Owned by the reference clock.
#pragma once

#include <deque>

#include "base/time.hpp"

namespace gnomon::engine {

class ReadingQuality {
 public:
  // `dispersion`: bound on the error of reading the clock. True: it counts.
  [[nodiscard]] bool accept(base::Seconds dispersion);

 private:
  std::deque<double> last_;
};

}  // namespace gnomon::engine
