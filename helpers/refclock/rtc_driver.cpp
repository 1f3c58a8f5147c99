// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/rtc_driver.hpp"

#include <fcntl.h>
#include <linux/rtc.h>

#include <array>
#include <ctime>

#include "base/os/clocks.hpp"
#include "base/os/rtc.hpp"
#include "helpers/refclock/device_file.hpp"
#include "helpers/refclock/parameter.hpp"
#include "helpers/refclock/sane_time.hpp"

namespace gnomon::refclock {

namespace {

constexpr base::Duration resolution = std::chrono::seconds{1};

std::optional<base::RealTime> time_of(const std::tm& date, bool utc) {
  const auto seconds = base::rtc_seconds(date, utc);
  return seconds ? sane_time(*seconds, 0) : std::nullopt;
}

class Rtc final : public Driver {
 public:
  Rtc(base::Fd device, bool utc, bool interrupts)
      : device_(std::move(device)), utc_(utc), interrupts_(interrupts) {}
  Rtc(const Rtc&) = delete;
  Rtc& operator=(const Rtc&) = delete;
  ~Rtc() override {
    if (interrupts_) static_cast<void>(base::set_rtc_interrupts(device_.get(), false));
  }

  std::expected<void, Failure> poll(Readings& readings) override {
    if (interrupts_) return {};
    const auto now = base::read_now().real;
    const auto date = base::read_rtc(device_.get());
    if (!date) return std::unexpected(device_failure(date.error()));
    // Somewhere in the second that it shows.
    if (const auto rtc = time_of(*date, utc_))
      readings.push_back({.time = now, .offset = *rtc + resolution / 2 - now, .dispersion = resolution / 2});
    return {};
  }
  [[nodiscard]] int descriptor() const override { return interrupts_ ? device_.get() : -1; }
  std::expected<void, Failure> read(Readings& readings) override {
    const auto now = base::read_now().real;
    const auto begun = base::take_rtc_interrupt(device_.get());
    if (!begun) return std::unexpected(device_failure(begun.error()));
    // The first one may have waited for us.
    if (!*begun || std::exchange(skip_, false)) return {};
    const auto date = base::read_rtc(device_.get());
    if (!date) return std::unexpected(device_failure(date.error()));
    if (const auto rtc = time_of(*date, utc_)) readings.push_back({.time = now, .offset = *rtc - now});
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
  base::load_time_zone();  // its file, which glibc reads for UTC as well, is out of reach later
  const bool interrupts = base::set_rtc_interrupts(device.get(), true).has_value();
  if (!interrupts)
    if (const auto date = base::read_rtc(device.get()); !date)
      return std::unexpected(device_failure(date.error()));
  return std::make_unique<Rtc>(std::move(device), utc, interrupts);
}

}  // namespace gnomon::refclock
