// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-clock remembers of its actions, as one piece of plain data: if systemd preserves it across a
// crash, the next gnomon-clock continues with it. Only gnomon-clock has it open.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/time.hpp"

namespace gnomon::clock {

// Changes carried out.
struct Counts {
  std::int32_t steps = 0;
  std::int32_t updates = 0;                    // steps and slews; saturates
  std::optional<base::RealTime> leap_step_at;  // the last step for a leap second
  std::optional<base::RealTime> leap_slew_at;  // and the last slew for one
};

// The least and the greatest that the clock was turned to within some minutes, in seconds.
struct Extent {
  double low = 0;
  double high = 0;
};

// What `Turned` knows.
struct TurnedState {
  static constexpr std::size_t slots = 289;  // a day of five minutes each, and the one that has begun

  bool known = false;      // when and what the clock ran at last
  bool begun = false;      // a first correction has
  bool corrected = false;  // not of the frequency alone
  bool counts = false;     // it is over
  base::MonoTime at;
  double rate = 0;               // what the clock runs at beyond its own rate
  double base = 0;               // and will after the slew
  base::Duration behind_real{};  // CLOCK_REALTIME - CLOCK_MONOTONIC
  base::Duration asleep{};

  base::MonoTime started_at;  // this was, with the first gnomon-clock
  base::MonoTime begun_at;
  base::MonoTime calm_since;
  double calm_base = 0;
  double calm_time = 0;  // since then as the oscillator counts, in seconds
  double base_sum = 0;   // of `base` over that time

  double needed = 0;  // the frequency that the first correction ended with; before: what it was found at
  double turned = 0;  // s, beyond what `needed` turns it by
  double owed = 0;    // s: to undo what others did to the clock
  base::MonoTime owed_until;
  double slack = 0;  // s, either way: what nobody can know, as after sleep
  base::MonoTime slack_until;
  std::int64_t slot = 0;  // of `extents`, the present one's number since the machine was started
  std::array<Extent, slots> extents{};
};

struct Memory {
  static constexpr std::uint64_t valid = 0x676e6f6d6f6e0003;  // changes with the layout

  std::uint64_t mark = 0;
  Counts counts{};
  TurnedState turned{};
};
static_assert(std::is_trivially_copyable_v<Memory>);

}  // namespace gnomon::clock
