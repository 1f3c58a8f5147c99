// SPDX-License-Identifier: GPL-2.0-or-later
// How long the supervisor may wait: the shortest time that anything asks for, and never a negative one, which
// the system would reject.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.hpp"

namespace gnomon::launcher {

class Timeout {
 public:
  // What is due already has a negative rest.
  void no_longer_than(base::Duration rest) {
    rest = std::max(rest, base::Duration{0});
    longest_ = std::min(longest_.value_or(rest), rest);
  }
  [[nodiscard]] std::optional<base::Duration> longest() const { return longest_; }  // nullopt: for ever

 private:
  std::optional<base::Duration> longest_;
};

}  // namespace gnomon::launcher
