// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-refclock tells the core: readings of reference clocks, as the devices gave them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ipc {

enum class RefclockKind : std::uint8_t {
  time,  // the clock tells the whole time
  pulse  // a pulse: whole seconds (or periods, see `rate`) are not known
};
struct RefclockReading {
  RefclockKind kind = RefclockKind::time;
  base::RealTime time;          // system clock, from 1970 on
  base::Duration offset{};      // clock minus system clock; of a pulse up to whole seconds
  base::Duration dispersion{};  // bound on the error of reading it, 0..16 s
  base::LeapIndicator leap = base::LeapIndicator::none;
  friend bool operator==(const RefclockReading&, const RefclockReading&) = default;
};
inline constexpr std::uint8_t most_refclocks = 64;
inline constexpr std::uint8_t most_refclock_polls = 64;
inline constexpr std::uint8_t most_refclock_readings = 64;

// What one look at a device gave.
struct RefclockPoll {
  std::uint8_t index = 0;  // of the `refclock` line, 0..most_refclocks-1
  bool polled = false;     // the device was polled for them, successfully or not; or the interval is over
  base::MonoTime at;       // when
  std::vector<RefclockReading> readings;  // the oldest first
  friend bool operator==(const RefclockPoll&, const RefclockPoll&) = default;
};

// An event.
struct RefclockReadings {
  static constexpr auto type = MessageType::refclock_readings;
  // Of all devices, in the order in which they were looked at: at most most_refclock_polls, and in them at
  // most most_refclock_readings readings.
  std::vector<RefclockPoll> polls;
};

}  // namespace gnomon::ipc
