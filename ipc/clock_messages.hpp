// SPDX-License-Identifier: GPL-2.0-or-later
// Core and clock helper: the four requests that the clock knows, and its answers. Fixed-width fields; the
// receiver checks ranges, and the clock helper checks every value once more against its budget.
#pragma once

#include <cstdint>
#include <expected>

#include "base/time.hpp"
#include "base/units.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ipc {

// Frequencies and rates travel as signed 64-bit units of 1e-12 (s/s); times as signed 64-bit nanoseconds.
struct Rate {
  std::int64_t per_trillion = 0;
  friend constexpr bool operator==(const Rate&, const Rate&) = default;
  [[nodiscard]] constexpr double ratio() const { return static_cast<double>(per_trillion) * 1e-12; }
};
[[nodiscard]] Rate rate_of_ratio(double ratio);  // rounds; saturates at +-0.5

struct ReadClock {
  static constexpr auto type = MessageType::read_clock;
};
// Run the clock at `frequency` from now on (positive: make it run faster than its free-running rate), and for
// `duration` at frequency + slew. The duration is counted as the free-running clock counts, so that slew *
// duration is what the clock gains. A new Adjust ends an unfinished slew. The helper itself ends the slew,
// also when the core is gone.
struct Adjust {
  static constexpr auto type = MessageType::adjust;
  Rate frequency;             // +-0.1
  Rate slew;                  // +-0.1; 0: no slew
  base::Duration duration{};  // 0..100000 s
};
struct Step {
  static constexpr auto type = MessageType::step;
  base::Duration offset{};  // added to the clock
};
// Kernel status: what other programs see (adjtimex, timedatectl). Does not move the clock.
struct SetStatus {
  static constexpr auto type = MessageType::set_status;
  base::LeapIndicator leap =
      base::LeapIndicator::unsynchronised;  // insert/remove arm the kernel's leap second
  bool rtc_sync = false;                    // let the kernel copy the time to the RTC every 11 minutes
  base::Duration max_error{};               // 0..16 s
  base::Duration estimated_error{};         // 0..16 s
  std::int16_t tai_offset = 0;              // seconds, 10..500; 0: leave as it is
};

// Answer to ReadClock and SetStatus.
struct ClockReading {
  static constexpr auto type = MessageType::clock_reading;
  Rate frequency;  // as the kernel has it now
  std::int16_t tai_offset = 0;
  bool synchronised = false;
  bool may_adjust = false;  // false: no CAP_SYS_TIME, every Adjust and Step is refused
};
// Answer to Adjust and Step, and an event (request id 0) when a slew has ended by itself.
struct Adjusted {
  static constexpr auto type = MessageType::adjusted;
  base::RealTime at;         // system clock at which the new rate took effect (after a step: the new time)
  Rate rate;                 // what the kernel really runs at from then on (rounded by its resolution)
  base::Duration stepped{};  // by how much the clock jumped, 0 for a rate change
};
enum class ClockRefusal : std::uint8_t {
  not_permitted,
  over_slew_rate,
  over_drift,
  step_not_allowed,
  step_too_large,
  leap_not_allowed,  // not the day for a leap second, or not the kernel's to make
  tai_offset_wrong,
  over_budget,  // turned as far as it may be within an hour or a day
  kernel_error
};
struct ClockRefused {
  static constexpr auto type = MessageType::clock_refused;
  ClockRefusal reason{};
  std::int32_t system_error = 0;  // errno for kernel_error
};

// Who corrects the clock for a leap second (chrony's leapsecmode).
enum class LeapMaker : std::uint8_t { kernel, step, slew, nobody };

// What gnomon-clock is started with and never changes: the most the core may ask for.
struct ClockBudget {
  double max_slew_rate_ppm = 83333.333;
  double max_drift_ppm = 100000;
  double step_threshold_s = 0;  // makestep: steps below this are refused; 0 with step_limit 0: never step
  std::int32_t step_limit = 0;  // how many steps are allowed; negative: any number
  double max_change_s = 0;      // maxchange offset; 0: no limit
  std::int32_t max_change_start = 0;  // clock updates (steps and slews) before the limit holds
  // A second more than all that, at the end of a June or December: armed in the kernel, or one step, or
  // slewed.
  LeapMaker leap_maker = LeapMaker::nobody;
};

}  // namespace gnomon::ipc
