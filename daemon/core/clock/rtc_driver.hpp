// SPDX-License-Identifier: GPL-2.0-or-later
// The real-time clock is read now and then through gnomon-clock, its error and drift are kept in the rtcfile,
// and it is set when an operator or `rtcautotrim` wants it. Owned by the core.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "async/task_group.hpp"
#include "base/os/log.hpp"
#include "daemon/core/clock/clock_driver.hpp"
#include "daemon/core/engine/estimation/rtc_tracker.hpp"
#include "daemon/core/engine/values/log_records.hpp"
#include "daemon/core/engine/values/refusal.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/links/clock_client.hpp"

namespace gnomon::core {

class RtcDriver {
 public:
  struct Settings {
    std::string file;           // rtcfile
    base::Seconds auto_trim{};  // 0: never
    bool may_set = true;        // false: -x
  };
  using Record = std::function<void(const engine::RtcRecord&)>;
  RtcDriver(async::TaskGroup& tasks, Settings settings, ClockClient& clock, const ClockDriver& time,
            base::Log& log, Record record);
  RtcDriver(const RtcDriver&) = delete;
  RtcDriver& operator=(const RtcDriver&) = delete;

  void start();
  void on_tick(const ipc::RtcTick& tick);
  // Somebody else has set the system clock.
  void on_clock_jumped() { tracker_.clear(); }
  [[nodiscard]] engine::RtcReport report() const;
  // Sets it soon, if it is wrong by more than a second.
  [[nodiscard]] std::expected<void, engine::Refusal> trim();
  // Writes the rtcfile; without anything to write as well.
  [[nodiscard]] std::expected<void, engine::Refusal> write();

 private:
  asio::awaitable<void> run();
  asio::awaitable<bool> read();
  asio::awaitable<void> set();
  void look_at_error();
  [[nodiscard]] engine::RtcTracker::TrueTime true_time() const;
  [[nodiscard]] std::expected<void, engine::Refusal> save(const base::RtcFile& file);
  void complain(const std::string& why);

  async::TaskGroup& tasks_;
  Settings settings_;
  ClockClient& clock_;
  const ClockDriver& time_;
  base::Log& log_;
  Record record_;
  engine::RtcTracker tracker_;
  async::Timer news_;  // the ticks have come, or it is to be set
  int ticks_left_ = 0;
  bool to_be_set_ = false;
  bool used_ = true;  // false: there is none
  bool failed_ = false;
};

}  // namespace gnomon::core
