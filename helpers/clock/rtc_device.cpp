// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/rtc_device.hpp"

#include "base/os/rtc.hpp"

namespace gnomon::clock {

std::expected<void, int> KernelRtc::set_interrupts(bool on) {
  const auto done = base::set_rtc_interrupts(fd_, on);
  if (!done) return std::unexpected(done.error().code);
  return {};
}

std::expected<bool, int> KernelRtc::take_interrupt() {
  const auto taken = base::take_rtc_interrupt(fd_);
  if (!taken) return std::unexpected(taken.error().code);
  return *taken;
}

std::expected<std::tm, int> KernelRtc::read() {
  const auto date = base::read_rtc(fd_);
  if (!date) return std::unexpected(date.error().code);
  return *date;
}

std::expected<void, int> KernelRtc::set(const std::tm& date) {
  const auto done = base::set_rtc(fd_, date);
  if (!done) return std::unexpected(done.error().code);
  return {};
}

}  // namespace gnomon::clock
