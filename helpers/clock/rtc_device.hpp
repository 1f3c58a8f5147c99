// SPDX-License-Identifier: GPL-2.0-or-later
// The real-time clock's device as rtc(4) has it, apart so that tests have their own, and its calendar.
#pragma once

#include <cstdint>
#include <ctime>
#include <expected>
#include <optional>

namespace gnomon::clock {

// Errors are errno.
class RtcDevice {
 public:
  RtcDevice() = default;
  RtcDevice(const RtcDevice&) = delete;
  RtcDevice& operator=(const RtcDevice&) = delete;
  virtual ~RtcDevice() = default;

  // An interrupt with each second that begins; the descriptor becomes readable.
  virtual std::expected<void, int> set_interrupts(bool on) = 0;
  // Takes what has come: whether a second has begun.
  virtual std::expected<bool, int> take_interrupt() = 0;
  virtual std::expected<std::tm, int> read() = 0;
  virtual std::expected<void, int> set(const std::tm& date) = 0;
  [[nodiscard]] virtual int descriptor() const = 0;
};

class KernelRtc final : public RtcDevice {
 public:
  explicit KernelRtc(int fd) : fd_(fd) {}
  std::expected<void, int> set_interrupts(bool on) override;
  std::expected<bool, int> take_interrupt() override;
  std::expected<std::tm, int> read() override;
  std::expected<void, int> set(const std::tm& date) override;
  [[nodiscard]] int descriptor() const override { return fd_; }

 private:
  int fd_;
};

// Reads the time zone, which the two below find without a system call afterwards.
void load_time_zone();
// Seconds since 1970, on UTC or local time; of an hour that occurs twice, either. nullopt: no such date, as
// of a device without a battery, or not in the years 1970 to 2255.
[[nodiscard]] std::optional<std::int64_t> seconds_of(const std::tm& date, bool on_utc);
[[nodiscard]] std::tm date_of(std::int64_t seconds, bool on_utc);

}  // namespace gnomon::clock
