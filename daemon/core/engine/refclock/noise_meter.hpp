// SPDX-License-Identifier: GPL-2.0-or-later
// How noisy the samples of one reference clock are, told from how little three of them in a row lie on a
// line: a clock's own wander hardly shows there. Owned by the reference clock.
#pragma once

#include <deque>
#include <optional>

#include "daemon/core/engine/refclock/reading_filter.hpp"

namespace gnomon::engine {

class NoiseMeter {
 public:
  void add(const FilteredReading& sample);
  void clear();
  // Standard deviation of a sample; nullopt: fewer than three so far.
  [[nodiscard]] std::optional<base::Seconds> deviation() const;

 private:
  std::deque<FilteredReading> last_;  // two
  std::deque<double> bends_;          // deviations that they would follow from, s
};

}  // namespace gnomon::engine
