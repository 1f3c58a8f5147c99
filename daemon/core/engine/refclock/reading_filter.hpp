// SPDX-License-Identifier: GPL-2.0-or-later
// The median filter of a reference clock (`filter`): readings of one poll interval become one sample. They
// are kept on the free-running scale, so that no correction of the clock touches them. Owned by the reference
// clock.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "base/time.hpp"
#include "daemon/core/engine/estimation/timescale.hpp"

namespace gnomon::engine {

struct FilteredReading {
  LocalTime at;
  base::Duration theta{};      // see Observation
  base::Seconds dispersion{};  // bound on the error of reading the clock
  base::Seconds spread{};      // standard deviation of those around the median; 0: a single reading
  std::size_t count = 1;       // readings that it was made of
};

class ReadingFilter {
 public:
  // Readings kept, 1 and more.
  explicit ReadingFilter(std::size_t most) : most_(most) {}
  void add(const FilteredReading& reading);
  void clear() { readings_.clear(); }
  // The last reading, even if it has been taken since; nullopt: there was none.
  [[nodiscard]] const std::optional<FilteredReading>& last() const { return last_; }
  // How much readings that were combined differ, on average over the last few intervals; 0: not known.
  [[nodiscard]] base::Seconds usual_spread() const { return usual_spread_; }
  // The readings as one, but for those far off, which the 60 % around the median tell; the filter is empty
  // afterwards. Our clock runs at `frequency` (s/s) against true time meanwhile. nullopt: there is no
  // reading.
  [[nodiscard]] std::optional<FilteredReading> take(double frequency);

 private:
  std::size_t most_;
  std::deque<FilteredReading> readings_;
  std::optional<FilteredReading> last_;
  base::Seconds usual_spread_{};
};

}  // namespace gnomon::engine
