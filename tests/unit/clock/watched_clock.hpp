// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock's service at a clock that runs, in virtual time; what it remembers outlives it.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "helpers/clock/service.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/clock/running_clock.hpp"
#include "tests/unit/remembering_log.hpp"

namespace gnomon::testing {

using namespace std::chrono_literals;

class WatchedClock {
 public:
  explicit WatchedClock(const ipc::ClockBudget& limits) : limits_(limits) { restart(); }

  // The helper is gone, and another comes; `pause` later.
  void restart(base::Duration pause = 0s, bool orderly = true) {
    if (service_ && orderly) service_->leave();
    service_.reset();
    kernel.run(pause);
    clock::take_over(kernel, log, memory);
    service_.emplace(kernel, log, limits_, true, &memory);
  }
  // Time passes, and the helper does at each moment what is due, a little late.
  void pass(base::Duration time, base::Duration late = 0s) {
    const auto end = kernel.now().mono + time;
    while (kernel.now().mono < end) {
      const auto due = service_->due().value_or(base::MonoTime::max() - 1h) + late;
      kernel.run(std::max<base::Duration>(1ns, std::min(end, due) - kernel.now().mono));
      if (service_->is_due()) static_cast<void>(service_->on_time(space_));
      look();
    }
  }
  template <class Request>
  std::optional<ipc::ClockRefusal> ask(const Request& request) {
    const auto size = service_->handle(ipc::encode(request, 5), space_);
    look();
    const auto frame = ipc::parse_frame(base::Bytes{space_}.first(size));
    REQUIRE(frame);
    if (frame->type != ipc::MessageType::clock_refused) return std::nullopt;
    return ipc::decode<ipc::ClockRefused>(*frame)->reason;
  }
  // A first correction, and the hour after it.
  void correct(double base = 0) {
    REQUIRE_FALSE(ask(ipc::Adjust{ipc::rate_of_ratio(base), ipc::rate_of_ratio(1e-4), 1s}));
    pass(61min);
    forget();
  }
  void forget() {
    looks_.clear();
    most_an_hour = most_a_day = 0;
  }
  [[nodiscard]] bool says(const std::string& text) const {
    return std::ranges::any_of(log.lines, [&](const auto& line) { return line.find(text) != line.npos; });
  }

  RunningClock kernel;
  testing::RememberingLog log;
  clock::Memory memory;
  double most_an_hour = 0;  // s: how far the clock was turned, whatever it was told
  double most_a_day = 0;

 private:
  struct Look {
    double time = 0;
    double low = 0;
    double high = 0;
  };
  // One entry a minute has all that was within it.
  void look() {
    const double now = kernel.true_time();
    const double turned = kernel.turned();
    if (looks_.empty() || now - looks_.back().time >= 60) looks_.push_back({now, turned, turned});
    looks_.back().low = std::min(looks_.back().low, turned);
    looks_.back().high = std::max(looks_.back().high, turned);
    while (now - looks_.front().time > 86400) looks_.pop_front();
    for (const auto& each : looks_) {
      const double by = std::max(turned - each.low, each.high - turned);
      most_a_day = std::max(most_a_day, by);
      if (now - each.time <= 3600) most_an_hour = std::max(most_an_hour, by);
    }
  }

  ipc::ClockBudget limits_;
  std::optional<clock::ClockService> service_;
  std::deque<Look> looks_;
  std::array<std::uint8_t, ipc::max_frame_size> space_{};
};

}  // namespace gnomon::testing
