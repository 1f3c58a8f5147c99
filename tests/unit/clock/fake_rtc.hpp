// SPDX-License-Identifier: GPL-2.0-or-later
// A real-time clock that a test holds: what rtc(4) does, by hand.
#pragma once

#include <cerrno>
#include <optional>
#include <vector>

#include "base/os/rtc.hpp"
#include "helpers/clock/rtc_device.hpp"

namespace gnomon::testing {

class FakeRtc final : public clock::RtcDevice {
 public:
  std::expected<void, int> set_interrupts(bool on) override {
    if (on && refuses_interrupts) return std::unexpected(ENOTTY);
    interrupts = on;
    return {};
  }
  std::expected<bool, int> take_interrupt() override {
    if (broken) return std::unexpected(EIO);
    return second_begun;
  }
  std::expected<std::tm, int> read() override {
    if (broken) return std::unexpected(EIO);
    return date;
  }
  std::expected<void, int> set(const std::tm& wanted) override {
    if (refuses_setting) return std::unexpected(EACCES);
    sets.push_back(wanted);
    return {};
  }
  [[nodiscard]] int descriptor() const override { return fd; }

  void shows(std::int64_t seconds) { date = base::rtc_date(seconds, true); }

  std::tm date{};
  bool interrupts = false;
  bool second_begun = true;
  bool broken = false;
  bool refuses_interrupts = false;
  bool refuses_setting = false;
  std::vector<std::tm> sets;
  int fd = 77;
};

}  // namespace gnomon::testing
