// SPDX-License-Identifier: GPL-2.0-or-later
// The shortest round trip to one source and how far the others lie above it; notices when the route has
// become another one. Owned by the joint estimator.
#pragma once

#include <cstddef>
#include <deque>

#include "daemon/core/engine/noise.hpp"

namespace gnomon::engine {

class DelayFloor {
 public:
  static constexpr std::size_t enough = 8;  // delays above the floor in a row: it has risen

  // mindelay: the floor is known and stays; 0: it is what has been seen.
  void fix(double floor) { fixed_ = floor; }
  // By how much the floor has moved with this round trip, seconds; 0: the route is as before.
  double add(double delay);
  [[nodiscard]] Excess excess(double delay) const;
  [[nodiscard]] double fixed() const { return fixed_; }
  [[nodiscard]] double floor() const { return floor_; }
  [[nodiscard]] std::size_t count() const { return delays_.size(); }
  [[nodiscard]] double scale() const { return scale_; }

 private:
  void measure();
  [[nodiscard]] double risen(std::size_t& kept) const;

  std::deque<double> delays_;
  double floor_ = 0;
  double fixed_ = 0;
  double scale_ = 0;
  double inherited_ = 0;  // scale on the former route, as long as there are few round trips on this one
};

}  // namespace gnomon::engine
