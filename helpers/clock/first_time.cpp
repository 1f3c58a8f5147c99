// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/first_time.hpp"

#include <fcntl.h>
#include <linux/rtc.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <expected>

#include "base/os/fd.hpp"

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;

std::expected<std::time_t, int> read_once(int device, bool on_utc) {
  rtc_time read{};
  if (ioctl(device, RTC_RD_TIME, &read) != 0) return std::unexpected(errno);
  std::tm date{};
  date.tm_sec = read.tm_sec;
  date.tm_min = read.tm_min;
  date.tm_hour = read.tm_hour;
  date.tm_mday = read.tm_mday;
  date.tm_mon = read.tm_mon;
  date.tm_year = read.tm_year;
  date.tm_isdst = -1;
  // A device without a battery may show any date, some that no calendar has.
  constexpr std::time_t latest = 9'000'000'000;  // year 2255
  const std::time_t time = on_utc ? timegm(&date) : std::mktime(&date);
  if (time < 0 || time > latest) return std::unexpected(ERANGE);
  return time;
}

// It counts whole seconds only: its time is exact when one begins.
std::expected<base::RealTime, int> read_rtc(const ipc::FirstTime& from) {
  const base::Fd device{open(from.rtc_device.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!device) return std::unexpected(errno);
  constexpr timespec pause{0, 2'000'000};
  constexpr int most_readings = 600;
  const auto first = read_once(device.get(), from.rtc_on_utc);
  auto last = first;
  for (int i = 0; i < most_readings && last && *last == *first; ++i) {
    nanosleep(&pause, nullptr);
    last = read_once(device.get(), from.rtc_on_utc);
  }
  if (!last) return std::unexpected(last.error());
  return base::RealTime{std::chrono::seconds{*last}};
}

}  // namespace

std::optional<FirstStep> first_step(base::RealTime now, std::optional<base::RealTime> rtc,
                                    std::optional<base::RealTime> not_before) {
  if (rtc && (!not_before || *rtc >= *not_before)) return FirstStep{*rtc - now, true};
  if (not_before && *not_before > now) return FirstStep{*not_before - now, false};
  return std::nullopt;
}

void set_first_time(const ipc::FirstTime& from, base::SystemClock& clock, base::Log& log) {
  std::array<char, 300> line{};
  const auto rtc = read_rtc(from);
  if (!rtc) {
    std::snprintf(line.data(), line.size(), "Could not read the real-time clock %s for -s (errno %d)",
                  from.rtc_device.c_str(), rtc.error());
    log.write(base::LogEvent::rtc_unreadable, line.data(),
              {{base::LogField::file, from.rtc_device}, {base::LogField::os_error, rtc.error()}});
  }
  const auto floor = from.not_before_s > 0
                         ? std::optional{base::RealTime{base::to_duration(base::Seconds{from.not_before_s})}}
                         : std::nullopt;
  const auto step = first_step(clock.now().real, rtc ? std::optional{*rtc} : std::nullopt, floor);
  if (rtc && (!step || !step->from_rtc))
    log.write(base::LogEvent::rtc_behind,
              "The real-time clock is behind the time the driftfile was last written and is ignored: is its "
              "battery empty?");
  if (!step) return;
  if (const auto done = base::step_clock(clock, step->offset); !done) {
    log.write(base::LogEvent::first_time_not_set,
              "Could not set the system clock for -s: " + base::to_string(done.error()),
              {{base::LogField::os_error, done.error().code}});
    return;
  }
  std::snprintf(line.data(), line.size(), "System time set from %s, by %.3f seconds",
                step->from_rtc ? "the real-time clock" : "the driftfile's timestamp",
                base::to_seconds(step->offset).count());
  log.write(base::LogEvent::first_time_set, line.data(),
            {{base::LogField::offset, base::to_seconds(step->offset).count()}});
}

}  // namespace gnomon::clock
