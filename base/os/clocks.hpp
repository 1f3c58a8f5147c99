// SPDX-License-Identifier: GPL-2.0-or-later
// Reading the machine's clocks.
#pragma once

#include "base/clock.hpp"
#include "base/time.hpp"

namespace gnomon::base {

[[nodiscard]] Now read_now();
// See Clock::asleep().
[[nodiscard]] Duration time_asleep();

class MachineClock final : public Clock {
 public:
  [[nodiscard]] Now now() const override { return read_now(); }
  [[nodiscard]] Duration asleep() const override { return time_asleep(); }
};

}  // namespace gnomon::base
