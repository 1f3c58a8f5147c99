// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/adjtime.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace gnomon::base {

namespace {

constexpr std::int64_t nominal_tick = 10000;
constexpr std::int64_t least_tick = 9000;
constexpr std::int64_t greatest_tick = 11000;
constexpr double units_per_ratio = 65536e6;
constexpr double tick_ratio = 1e-4;
constexpr double most_on_kept_tick = 250e-6;  // half of what the kernel takes: room for slews and drift

double beyond_tick(double ratio, std::int64_t tick) {
  return ratio - static_cast<double>(tick - nominal_tick) * tick_ratio;
}

OsResult<void> carry_out(SystemClock& clock, timex& request) {
  if (clock.adjust(request) < 0) return std::unexpected(last_error("clock_adjtime"));
  return {};
}

unsigned status_bits(const ClockStatus& status) {
  unsigned bits = 0;
  if (status.leap == LeapIndicator::insert) bits |= STA_INS;
  if (status.leap == LeapIndicator::remove) bits |= STA_DEL;
  if (status.leap == LeapIndicator::unsynchronised || !status.rtc_sync) bits |= STA_UNSYNC;
  return bits;
}

// Rounded up: an error bound must not look smaller than it is.
__syscall_slong_t microseconds(Duration d) {
  return std::chrono::ceil<std::chrono::microseconds>(d).count();
}

}  // namespace

int KernelClock::adjust(timex& request) {
  return clock_adjtime(CLOCK_REALTIME, &request);
}

KernelRate to_kernel_rate(double ratio, std::int64_t current_tick) {
  ratio = std::isnan(ratio) ? 0 : std::clamp(ratio, -0.1, 0.1);
  KernelRate rate{std::clamp(current_tick, least_tick, greatest_tick), 0};
  if (std::abs(beyond_tick(ratio, rate.tick)) > most_on_kept_tick)
    rate.tick = nominal_tick + std::llround(ratio / tick_ratio);
  rate.frequency = std::llround(beyond_tick(ratio, rate.tick) * units_per_ratio);
  return rate;
}

OsResult<ClockState> read_clock(SystemClock& clock) {
  timex request{};
  if (const auto done = carry_out(clock, request); !done) return std::unexpected(done.error());
  ClockState state;
  state.rate = {request.tick, request.freq};
  state.tai_offset = static_cast<std::int16_t>(request.tai);
  state.synchronised = (static_cast<unsigned>(request.status) & unsigned{STA_UNSYNC}) == 0;
  return state;
}

OsResult<void> set_clock_rate(SystemClock& clock, const KernelRate& rate) {
  timex request{};
  request.modes = ADJ_TICK | ADJ_FREQUENCY;
  request.tick = rate.tick;
  request.freq = rate.frequency;
  return carry_out(clock, request);
}

OsResult<void> step_clock(SystemClock& clock, Duration offset) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(offset);
  timex request{};
  request.modes = ADJ_SETOFFSET | ADJ_NANO;
  request.time.tv_sec = whole.count();
  request.time.tv_usec = (offset - whole).count();  // nanoseconds, because of ADJ_NANO; never negative
  return carry_out(clock, request);
}

OsResult<void> set_clock_status(SystemClock& clock, const ClockStatus& status) {
  timex request{};
  request.modes = ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR;
  request.status = static_cast<int>(status_bits(status));
  request.maxerror = microseconds(status.max_error);
  request.esterror = microseconds(status.estimated_error);
  if (status.tai_offset != 0) {
    request.modes |= unsigned{ADJ_TAI};
    request.constant = status.tai_offset;
  }
  return carry_out(clock, request);
}

OsResult<void> clear_kernel_loop(SystemClock& clock) {
  timex loop{};
  loop.modes = ADJ_OFFSET | ADJ_STATUS;
  loop.status = STA_PLL | STA_UNSYNC;  // an offset is only taken while the loop runs
  if (const auto done = carry_out(clock, loop); !done) return done;
  timex status{};
  status.modes = ADJ_STATUS;
  status.status = STA_UNSYNC;
  if (const auto done = carry_out(clock, status); !done) return done;
  timex rest{};
  rest.modes = ADJ_OFFSET_SINGLESHOT;
  return carry_out(clock, rest);
}

}  // namespace gnomon::base
