// SPDX-License-Identifier: GPL-2.0-or-later
// Time for tests.
#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "base/os/clocks.hpp"

namespace gnomon::testing {

// Stands still until it is set forward. Its monotonic time is one that no machine will reach, so that the
// timers of the loop end by wake_due() alone.
class VirtualClock final : public base::Clock {
 public:
  void set(base::RealTime real) { now_.real = real; }
  [[nodiscard]] base::Now now() const override { return now_; }
  [[nodiscard]] base::Duration asleep() const override { return {}; }
  void advance(base::Duration by) { now_ = {now_.real + by, now_.mono + by}; }

 private:
  base::Now now_{base::read_now().real, base::MonoTime{std::chrono::years{100}}};
};

}  // namespace gnomon::testing
