// SPDX-License-Identifier: GPL-2.0-or-later
// What the clock helper is told to do, and what it says it did. Carried by the core as messages of ipc.
#pragma once

#include <cstdint>
#include <variant>

#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::engine {

struct SetRate {        // see ipc::Adjust
  base::Ppm frequency;  // positive: make the clock run faster than it does by itself
  base::Ppm slew;       // on top, for `duration`
  base::Duration duration{};
  friend bool operator==(const SetRate&, const SetRate&) = default;
};
struct StepClock {
  base::Duration offset{};
  friend bool operator==(const StepClock&, const StepClock&) = default;
};
struct ReportStatus {  // see ipc::SetStatus
  base::LeapIndicator leap = base::LeapIndicator::unsynchronised;
  base::Duration max_error{};
  base::Duration estimated_error{};
  std::int16_t tai_offset = 0;  // s; 0: not known
  friend bool operator==(const ReportStatus&, const ReportStatus&) = default;
};
using ClockCommand = std::variant<SetRate, StepClock, ReportStatus>;

// What the clock helper says it did: the system clock read `at` when rate (total, slew included) took effect.
struct ClockChanged {
  base::RealTime at;
  double rate = 0;  // s/s on top of the free-running rate
  base::Duration stepped{};
};

}  // namespace gnomon::engine
