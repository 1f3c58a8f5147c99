// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/rtc.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/os/rtc.hpp"

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;
using ipc::RtcOutcome;

constexpr base::Duration least_pause = 1min;  // between two settings: each wears the chip's memory

ipc::RtcAnswer failed(int error) {
  return {.outcome = RtcOutcome::failed, .system_error = error};
}

}  // namespace

ipc::RtcAnswer Rtc::begin(const ipc::ReadRtc& request) {
  if (const auto on = device_.set_interrupts(true); !on) return failed(on.error());
  ticks_left_ = request.ticks;
  skip_ = true;
  return {};
}

void Rtc::end() {
  ticks_left_ = 0;
  static_cast<void>(device_.set_interrupts(false));
}

std::expected<std::int64_t, int> Rtc::reading() {
  const auto date = device_.read();
  if (!date) return std::unexpected(date.error());
  const auto seconds = base::rtc_seconds(*date, on_utc_);
  if (!seconds) return std::unexpected(ERANGE);
  return *seconds;
}

std::optional<ipc::RtcTick> Rtc::on_readable(base::RealTime now) {
  const auto begun = device_.take_interrupt();
  if (begun && !*begun) return std::nullopt;
  if (begun && std::exchange(skip_, false)) return std::nullopt;
  const auto read = begun ? reading() : std::unexpected(begun.error());
  if (!read) {
    end();
    return ipc::RtcTick{.reading = 0, .at = now, .system_error = read.error()};
  }
  if (--ticks_left_ == 0) end();
  return ipc::RtcTick{.reading = *read, .at = now};
}

ipc::RtcAnswer Rtc::set(const base::Now& now) {
  if (set_at_ && now.mono - *set_at_ < least_pause) return {.outcome = RtcOutcome::too_soon};
  const auto second = std::chrono::floor<std::chrono::seconds>(now.real.time_since_epoch()).count();
  if (const auto done = device_.set(base::rtc_date(second, on_utc_)); !done) return failed(done.error());
  set_at_ = now.mono;
  return {.outcome = RtcOutcome::done, .reading = std::max<std::int64_t>(second, 0), .at = now.real};
}

}  // namespace gnomon::clock
