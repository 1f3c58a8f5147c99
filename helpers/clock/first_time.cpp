// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/first_time.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <expected>
#include <utility>

#include "base/os/rtc.hpp"
#include "base/rtc_file.hpp"

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;

std::expected<std::int64_t, int> read_once(RtcDevice& device, bool on_utc) {
  const auto date = device.read();
  if (!date) return std::unexpected(date.error());
  const auto seconds = base::rtc_seconds(*date, on_utc);
  if (!seconds) return std::unexpected(ERANGE);
  return *seconds;
}

// How far it is ahead of the system clock. It counts whole seconds: its time is exact when one begins. A date
// that was read while it changed is not the next second. Machines are busy when they start: where a second's
// beginning was seen late, another one is waited for, and the one that is less late counts.
std::expected<base::Duration, int> rtc_ahead(const ipc::FirstTime& from, RtcDevice& device, bool on_utc,
                                             base::SystemClock& clock) {
  constexpr timespec pause{0, 2'000'000};
  constexpr base::Duration soon = 10ms;  // after the reading before
  constexpr int most_readings = 1200;
  constexpr int enough = 2;
  const base::RtcFile error{from.rtc_reference, base::Seconds{from.rtc_fast_s}, base::Ppm{from.rtc_gain_ppm}};
  const auto ahead_at = [&](std::int64_t reading, base::RealTime now) {
    return base::RealTime{std::chrono::seconds{reading}} - base::to_duration(error.fast_at(reading)) - now;
  };
  auto last = read_once(device, on_utc);
  if (!last) return std::unexpected(last.error());
  auto before = clock.now();
  auto ahead = ahead_at(*last, before.real);  // of one that does not go on
  int begun = 0;
  for (int i = 0; i < most_readings && begun < enough; ++i) {
    nanosleep(&pause, nullptr);
    const auto reading = read_once(device, on_utc);
    if (!reading) return std::unexpected(reading.error());
    const auto now = clock.now();
    const bool late = now.mono - std::exchange(before, now).mono > soon;
    if (*reading == *last) continue;
    const bool follows = *reading == *last + 1;
    const auto here = ahead_at(*reading, now.real);
    ahead = follows && begun > 0 ? std::max(ahead, here) : here;
    begun = !follows ? 0 : late ? begun + 1 : enough;
    last = reading;
  }
  return ahead;
}

void complain(base::Log& log, const std::string& device, int error) {
  std::array<char, 300> line{};
  std::snprintf(line.data(), line.size(), "Could not read the real-time clock %s for -s (errno %d)",
                device.c_str(), error);
  log.write(base::LogEvent::rtc_unreadable, line.data(),
            {{base::LogField::file, device}, {base::LogField::os_error, error}});
}

}  // namespace

std::optional<FirstStep> first_step(base::RealTime now, std::optional<base::RealTime> rtc,
                                    std::optional<base::RealTime> not_before) {
  if (rtc && (!not_before || *rtc >= *not_before)) return FirstStep{*rtc - now, true};
  if (not_before && *not_before > now) return FirstStep{*not_before - now, false};
  return std::nullopt;
}

void set_first_time(const ipc::FirstTime& from, const ipc::RtcSetup& setup, RtcDevice* device,
                    const Memory* remembered, base::SystemClock& clock, base::Log& log) {
  if (remembered != nullptr && remembered->mark == Memory::valid) return;
  std::array<char, 300> line{};
  std::optional<base::Duration> ahead;
  // That it could not be opened was said when that was tried.
  if (device != nullptr) {
    const auto read = rtc_ahead(from, *device, setup.on_utc, clock);
    if (read)
      ahead = *read;
    else
      complain(log, setup.device, read.error());
  }
  const auto floor = from.not_before_s > 0
                         ? std::optional{base::RealTime{base::to_duration(base::Seconds{from.not_before_s})}}
                         : std::nullopt;
  const auto now = clock.now().real;
  const auto rtc = ahead ? std::optional{now + *ahead} : std::nullopt;
  const auto step = first_step(now, rtc, floor);
  if (rtc && (!step || !step->from_rtc))
    log.write(base::LogEvent::rtc_behind,
              "RTC time before last driftfile modification (ignored): is the battery of the real-time clock "
              "empty?");
  if (!step) return;
  if (const auto done = base::step_clock(clock, step->offset); !done) {
    log.write(base::LogEvent::first_time_not_set,
              "Could not set the system clock for -s: " + base::to_string(done.error()),
              {{base::LogField::os_error, done.error().code}});
    return;
  }
  // In chrony's words and with its sign; it says it in two messages.
  const double offset = base::to_seconds(step->offset).count();
  if (step->from_rtc)
    std::snprintf(line.data(), line.size(),
                  "System time set from RTC: clock off from RTC by %.3f seconds (step)", -offset);
  else
    std::snprintf(line.data(), line.size(), "System time restored from driftfile, by %.3f seconds", offset);
  log.write(base::LogEvent::first_time_set, line.data(), {{base::LogField::offset, offset}});
}

}  // namespace gnomon::clock
