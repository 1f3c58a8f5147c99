// SPDX-License-Identifier: GPL-2.0-or-later
// The last round trips to one source, for maxdelayratio, maxdelaydevratio, maxdelayquant and burst. Owned by
// its association.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/time.hpp"

namespace gnomon::engine {

// Delays of rejected samples count as well: after a change of route the window widens by itself and lets the
// new delays in, instead of rejecting every sample from then on.
class DelayWindow {
 public:
  void add(base::Seconds delay);
  void clear() { count_ = 0; }
  [[nodiscard]] std::size_t count() const { return count_ < delays_.size() ? count_ : delays_.size(); }
  [[nodiscard]] std::optional<base::Seconds> minimum() const;
  // Root mean square of half the excess over the minimum; nullopt below six delays.
  [[nodiscard]] std::optional<base::Seconds> deviation() const;
  // The delay that this fraction (0..1) of the last ones does not exceed; nullopt below six delays.
  [[nodiscard]] std::optional<base::Seconds> quantile(double fraction) const;

 private:
  std::array<double, 64> delays_{};
  std::size_t count_ = 0;  // ever added
};

// What round trips are like while nothing is in their way, for `burst`: others do not count, however many
// there are, unless so many follow each other that the route must have changed.
class UsualDelay {
 public:
  // False: beyond the shortest one by far more than is usual, `ratio` times at least (0: never); both ends'
  // clocks cannot tell less than `error`.
  [[nodiscard]] bool take(base::Seconds delay, base::Seconds error, double ratio);
  void clear() { *this = {}; }

 private:
  void add(double delay);

  double floor_ = 0;   // s
  double mean_ = 0;    // of the excess over it
  double square_ = 0;  // likewise
  int count_ = 0;
  int far_in_a_row_ = 0;
};

}  // namespace gnomon::engine
