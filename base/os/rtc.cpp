// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/os/rtc.hpp"

#include <linux/rtc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace gnomon::base {

namespace {

constexpr std::int64_t latest = 9'000'000'000;  // year 2255

}  // namespace

OsResult<void> set_rtc_interrupts(int rtc, bool on) {
  if (ioctl(rtc, on ? RTC_UIE_ON : RTC_UIE_OFF, 0) != 0)
    return std::unexpected(last_error(on ? "ioctl(RTC_UIE_ON)" : "ioctl(RTC_UIE_OFF)"));
  return {};
}

OsResult<bool> take_rtc_interrupt(int rtc) {
  unsigned long interrupts = 0;  // the kernel's type: what has come, and how often
  if (::read(rtc, &interrupts, sizeof interrupts) < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    return std::unexpected(last_error("read"));
  }
  return (interrupts & RTC_UF) != 0;
}

OsResult<std::tm> read_rtc(int rtc) {
  rtc_time time{};
  if (ioctl(rtc, RTC_RD_TIME, &time) != 0) return std::unexpected(last_error("ioctl(RTC_RD_TIME)"));
  std::tm date{};
  date.tm_sec = time.tm_sec;
  date.tm_min = time.tm_min;
  date.tm_hour = time.tm_hour;
  date.tm_mday = time.tm_mday;
  date.tm_mon = time.tm_mon;
  date.tm_year = time.tm_year;
  return date;
}

OsResult<void> set_rtc(int rtc, const std::tm& date) {
  rtc_time time{};
  time.tm_sec = date.tm_sec;
  time.tm_min = date.tm_min;
  time.tm_hour = date.tm_hour;
  time.tm_mday = date.tm_mday;
  time.tm_mon = date.tm_mon;
  time.tm_year = date.tm_year;
  time.tm_wday = date.tm_wday;
  time.tm_yday = date.tm_yday;
  if (ioctl(rtc, RTC_SET_TIME, &time) != 0) return std::unexpected(last_error("ioctl(RTC_SET_TIME)"));
  return {};
}

// The second date too: one of them is in summer time.
void load_time_zone() {
  constexpr std::int64_t half_a_year = 182LL * 86400;
  tzset();
  const std::int64_t now = std::time(nullptr);
  static_cast<void>(rtc_date(now, false));
  static_cast<void>(rtc_date(now + half_a_year, false));
}

std::optional<std::int64_t> rtc_seconds(const std::tm& date, bool on_utc) {
  std::tm copy = date;
  copy.tm_isdst = 0;
  const std::int64_t as_utc = timegm(&copy);
  // timegm() makes a date of anything, and changes it when it was none.
  const bool real = copy.tm_sec == date.tm_sec && copy.tm_min == date.tm_min &&
                    copy.tm_hour == date.tm_hour && copy.tm_mday == date.tm_mday &&
                    copy.tm_mon == date.tm_mon && copy.tm_year == date.tm_year;
  if (!real || as_utc < 0 || as_utc > latest) return std::nullopt;
  if (on_utc) return as_utc;
  // The zone's offset depends on what is looked for: the second round has it right.
  std::int64_t seconds = as_utc;
  for (int round = 0; round < 2; ++round) seconds = as_utc - rtc_date(seconds, false).tm_gmtoff;
  if (seconds < 0 || seconds > latest) return std::nullopt;
  return seconds;
}

std::tm rtc_date(std::int64_t seconds, bool on_utc) {
  const std::time_t time = seconds;
  std::tm date{};
  if (on_utc)
    gmtime_r(&time, &date);
  else
    localtime_r(&time, &date);
  return date;
}

}  // namespace gnomon::base
