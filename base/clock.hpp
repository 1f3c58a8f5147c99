// SPDX-License-Identifier: GPL-2.0-or-later
// The clocks as their owner hands them to those who need the time: the machine's (base/os/clocks.hpp), or a
// test's.
#pragma once

#include "base/time.hpp"

namespace gnomon::base {

class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Now now() const = 0;
  // How long this machine has been suspended altogether since it was started.
  [[nodiscard]] virtual Duration asleep() const = 0;
};

}  // namespace gnomon::base
