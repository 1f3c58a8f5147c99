// SPDX-License-Identifier: GPL-2.0-or-later
// The shortest round trip to one source and how far the others lie above it; notices when the route has
// become another one. One round trip alone is not a floor: timestamps go wrong, too. Owned by the joint
// estimator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <tuple>

#include "daemon/core/engine/estimation/noise.hpp"

namespace gnomon::engine {

// What a round trip has made of the floor.
struct FloorChange {
  enum class Kind : std::uint8_t {
    none,
    fallen,    // a shorter route
    risen,     // a longer one
    unfounded  // the former floor was none: too few round trips had been that short
  } kind = Kind::none;
  double moved = 0;  // s, by how much; negative: it has fallen
};

class DelayFloor {
 public:
  static constexpr std::size_t enough = 8;  // delays above the floor in a row: it has risen

  // mindelay: the floor is known and stays; 0: it is what has been seen.
  void fix(double floor) { fixed_ = floor; }
  FloorChange add(double delay);
  // Of a round trip far below the floor as well: its timestamps cannot be right.
  [[nodiscard]] Excess excess(double delay) const;
  [[nodiscard]] double fixed() const { return fixed_; }
  [[nodiscard]] double floor() const { return floor_; }
  [[nodiscard]] std::size_t count() const { return delays_.size(); }
  [[nodiscard]] double scale() const { return scale_; }

  // All of it, for records (engine/replay).
  [[nodiscard]] auto state(this auto& self) {
    return std::tie(self.delays_, self.floor_, self.fixed_, self.scale_, self.likeness_, self.inherited_,
                    self.doubted_, self.since_doubted_);
  }

 private:
  void measure();
  void compare_neighbours();
  [[nodiscard]] bool is_far_below(double delay) const;
  [[nodiscard]] FloorChange fall(double delay);
  [[nodiscard]] FloorChange rise();
  [[nodiscard]] double risen(std::size_t& kept) const;

  std::deque<double> delays_;
  double floor_ = 0;
  double fixed_ = 0;
  double scale_ = 0;
  double likeness_ = 0;
  double inherited_ = 0;  // scale on the former route, as long as there are few round trips on this one
  std::optional<double> doubted_;  // far below the floor, and the only one so far
  int since_doubted_ = 0;          // round trips
};

}  // namespace gnomon::engine
