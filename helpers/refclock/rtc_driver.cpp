// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/rtc_driver.hpp"

#include <fcntl.h>
#include <linux/rtc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "base/os/clocks.hpp"
#include "helpers/refclock/device_file.hpp"
#include "helpers/refclock/parameter.hpp"
#include "helpers/refclock/sane_time.hpp"

namespace gnomon::refclock {

namespace {

constexpr base::Duration resolution = std::chrono::seconds{1};

std::optional<base::RealTime> time_of(const rtc_time& fields, bool utc) {
  std::tm time{};
  time.tm_sec = fields.tm_sec;
  time.tm_min = fields.tm_min;
  time.tm_hour = fields.tm_hour;
  time.tm_mday = fields.tm_mday;
  time.tm_mon = fields.tm_mon;
  time.tm_year = fields.tm_year;
  time.tm_isdst = -1;
  return sane_time(utc ? timegm(&time) : mktime(&time), 0);
}

class Rtc final : public Driver {
 public:
  Rtc(base::Fd device, bool utc, bool interrupts)
      : device_(std::move(device)), utc_(utc), interrupts_(interrupts) {}
  Rtc(const Rtc&) = delete;
  Rtc& operator=(const Rtc&) = delete;
  ~Rtc() override {
    if (interrupts_) ioctl(device_.get(), RTC_UIE_OFF, 0);
  }

  std::expected<void, Failure> poll(Readings& readings) override {
    if (interrupts_) return {};
    const auto now = base::read_now().real;
    rtc_time fields{};
    if (ioctl(device_.get(), RTC_RD_TIME, &fields) != 0)
      return std::unexpected(device_failure("ioctl(RTC_RD_TIME)"));
    // Somewhere in the second that it shows.
    if (const auto rtc = time_of(fields, utc_))
      readings.push_back({.time = now, .offset = *rtc + resolution / 2 - now, .dispersion = resolution / 2});
    return {};
  }
  [[nodiscard]] int descriptor() const override { return interrupts_ ? device_.get() : -1; }
  std::expected<void, Failure> read(Readings& readings) override {
    const auto now = base::read_now().real;
    unsigned long what = 0;
    if (::read(device_.get(), &what, sizeof what) != ssize_t{sizeof what})
      return std::unexpected(device_failure("read"));
    // The first one may have waited for us.
    if ((what & RTC_UF) == 0 || std::exchange(skip_, false)) return {};
    rtc_time fields{};
    if (ioctl(device_.get(), RTC_RD_TIME, &fields) != 0)
      return std::unexpected(device_failure("ioctl(RTC_RD_TIME)"));
    if (const auto rtc = time_of(fields, utc_)) readings.push_back({.time = now, .offset = *rtc - now});
    return {};
  }
  void add_calls(base::CallList& calls) const override {
    const int device = device_.get();
    calls.push_back({"read", {base::int_argument_is(0, device)}});
    calls.push_back({"ioctl", {base::int_argument_is(0, device), base::argument_is(1, RTC_RD_TIME)}});
    calls.push_back({"ioctl", {base::int_argument_is(0, device), base::argument_is(1, RTC_UIE_OFF)}});
    if (!utc_) base::add_calls(calls, base::time_zone_calls());
  }

 private:
  base::Fd device_;
  bool utc_;
  bool interrupts_;
  bool skip_ = true;
};

}  // namespace

Opened open_rtc(const std::string& parameter) {
  constexpr std::array<std::string_view, 1> options{"utc"};
  const auto parsed = parse_parameter(parameter, options);
  if (!parsed) return std::unexpected(Failure{parsed.error()});
  base::Fd device{open(parsed->name.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!device) return std::unexpected(device_failure("open"));
  const bool utc = parsed->has("utc");
  if (!utc) tzset();  // its file is out of reach later
  const bool interrupts = ioctl(device.get(), RTC_UIE_ON, 0) == 0;
  if (!interrupts) {
    rtc_time fields{};
    if (ioctl(device.get(), RTC_RD_TIME, &fields) != 0)
      return std::unexpected(device_failure("ioctl(RTC_RD_TIME)"));
  }
  return std::make_unique<Rtc>(std::move(device), utc, interrupts);
}

}  // namespace gnomon::refclock
