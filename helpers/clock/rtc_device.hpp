// SPDX-License-Identifier: GPL-2.0-or-later
// The real-time clock's device, apart so that tests have their own.
#pragma once

#include <ctime>
#include <expected>

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

}  // namespace gnomon::clock
