// SPDX-License-Identifier: GPL-2.0-or-later
// A log that counts what is written to it, by event, and passes it on. Owned by the core; for one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <utility>

#include "base/log.hpp"

namespace gnomon::core {

class CountedLog final : public base::Log {
 public:
  using Counts = std::array<std::uint64_t, base::event_count>;

  explicit CountedLog(base::Log& log) : log_(log) {}
  void take(const base::LogMessage& message) override {
    ++counts_.at(static_cast<std::size_t>(message.event));
    log_.take(message);
    if (listener_) listener_(message);
  }
  // Hears every message, those as well that the log leaves out as repetitions.
  void set_listener(std::function<void(const base::LogMessage&)> listener) {
    listener_ = std::move(listener);
  }
  void report_suppressed() override { log_.report_suppressed(); }
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  base::Log& log_;
  Counts counts_{};
  std::function<void(const base::LogMessage&)> listener_;
};

}  // namespace gnomon::core
