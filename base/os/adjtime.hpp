// SPDX-License-Identifier: GPL-2.0-or-later
// The machine's clocks: reading them, and adjusting the kernel's clock (clock_adjtime) through an interface
// that tests replace. Only gnomon-clock adjusts it.
#pragma once

#include <sys/timex.h>

#include <cstdint>

#include "base/os/clocks.hpp"
#include "base/os/error.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace gnomon::base {

// The two calls below everything that gnomon-clock does.
class SystemClock {
 public:
  virtual ~SystemClock() = default;
  // clock_adjtime(CLOCK_REALTIME): -1 and errno, or the clock's state.
  virtual int adjust(timex& request) = 0;
  virtual Now now() = 0;
  // As base::time_asleep().
  virtual Duration asleep() { return {}; }
};
class KernelClock final : public SystemClock {
 public:
  int adjust(timex& request) override;
  Now now() override { return read_now(); }
  Duration asleep() override { return time_asleep(); }
};

// A rate as the kernel holds it: the length of a tick (whole microseconds per 1/100 s) and a frequency in
// 2^-16 ppm on top of it. Ticks reach +-100000 ppm in steps of 100 ppm, the frequency +-500 ppm.
struct KernelRate {
  std::int64_t tick = 10000;   // 9000..11000
  std::int64_t frequency = 0;  // +-32768000
  friend constexpr bool operator==(const KernelRate&, const KernelRate&) = default;
  [[nodiscard]] constexpr double ratio() const {
    return static_cast<double>(tick - 10000) * 1e-4 + static_cast<double>(frequency) / 65536e6;
  }
};
// The nearest the kernel can do, within +-0.1. The current tick is kept while the frequency alone can reach
// `ratio` with some room, so that a clock near the border of two ticks does not alternate between them.
[[nodiscard]] KernelRate to_kernel_rate(double ratio, std::int64_t current_tick);

struct ClockState {
  KernelRate rate;
  std::int16_t tai_offset = 0;
  bool synchronised = false;
};
[[nodiscard]] OsResult<ClockState> read_clock(SystemClock& clock);
[[nodiscard]] OsResult<void> set_clock_rate(SystemClock& clock, const KernelRate& rate);
[[nodiscard]] OsResult<void> step_clock(SystemClock& clock, Duration offset);

// What other programs see. Linux copies the time to the RTC whenever it is called synchronised: the one flag
// is the other's switch, so that it is only said with rtc_sync, as chrony does.
struct ClockStatus {
  LeapIndicator leap = LeapIndicator::unsynchronised;
  bool rtc_sync = false;
  Duration max_error{};
  Duration estimated_error{};
  std::int16_t tai_offset = 0;  // seconds, 0: leave as it is
};
[[nodiscard]] OsResult<void> set_clock_status(SystemClock& clock, const ClockStatus& status);
// Ends what a time daemon before us may have left in the kernel and what would move the clock behind our
// back: a rest of adjtime(), the offset of the kernel's own loop, an armed leap second. The rate stays.
[[nodiscard]] OsResult<void> clear_kernel_loop(SystemClock& clock);

}  // namespace gnomon::base
