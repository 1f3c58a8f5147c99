// SPDX-License-Identifier: GPL-2.0-or-later
// Drives the timekeeper: hands samples and time in, carries its clock commands to the clock helper one after
// the other and reports back what came of them. Owns the timekeeper.
#pragma once

#include <array>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "async/task_group.hpp"
#include "base/os/clocks.hpp"
#include "daemon/core/clock/clock_watch.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/links/clock_client.hpp"

namespace gnomon::core {

class ClockDriver {
 public:
  struct Handlers {
    std::function<void(const engine::Note&)> on_note;
    std::function<void()> on_decided;  // verdicts, tracking or the server's view may have changed
    std::function<void()> on_stepped;  // we have stepped the system clock
    std::function<void()> on_jumped;   // somebody else has: everything is to be measured anew, and soon
    std::function<void(base::Seconds)> on_measured;  // the first selection; positive: our clock is behind
    std::function<void()> on_settled;                // nothing left to be carried out, no slew under way
    std::function<void(const engine::DriftFile&)> on_drift;  // worth saving
    std::function<void()> on_give_up;                        // the clock will not be steered any more
  };
  // `clock`: null when the clock is not to be touched.
  ClockDriver(TaskGroup& tasks, engine::TimekeeperSettings settings, ClockClient* clock, Handlers handlers);
  ClockDriver(const ClockDriver&) = delete;
  ClockDriver& operator=(const ClockDriver&) = delete;

  void start();
  [[nodiscard]] const engine::Timekeeper& keeper() const { return keeper_; }
  void add(const engine::SourceTraits& traits) { keeper_.add(traits); }
  void remove(base::SourceId id) { keeper_.remove(id); }
  // What a file says of leap seconds.
  void set_leap_table(engine::LeapTable table);
  // The `smoothtime` command. False: smoothtime is not configured.
  bool activate_smoothing();
  bool reset_smoothing();
  void set_address(base::SourceId id, const base::IpAddress& address) { keeper_.set_address(id, address); }
  void set_provisional(base::SourceId id, bool provisional) { keeper_.set_provisional(id, provisional); }
  // The system clock may have been set.
  void look_at_clock() { notice_jump(base::read_now()); }
  void update(base::SourceId id, const engine::SourceStatus& status, std::optional<engine::Sample> sample);
  // See engine::Timekeeper.
  void await(base::SourceId id, std::optional<base::MonoTime> until);
  void restore(base::SourceId id, const engine::Dump& dump) {
    take(keeper_.restore(id, dump, base::read_now()));
  }
  // Everything is to be measured anew.
  void reset() { take(keeper_.reset(base::read_now())); }
  // Selection again, now.
  void select() { take(keeper_.on_tick(base::read_now())); }
  void reconfigure(base::SourceId id, const config::Source& source) { keeper_.reconfigure(id, source); }
  // A slew has ended by itself: the clock helper says so.
  void on_clock_changed(const engine::ClockChanged& change);
  [[nodiscard]] bool settled() const;
  // By the operator; the error is a sentence.
  [[nodiscard]] std::expected<void, std::string> apply(const engine::OperatorCommand& order);
  [[nodiscard]] std::expected<engine::ManualOutcome, std::string> set_time(base::RealTime time);

 private:
  void take(engine::Decisions decisions);
  // Whether the clock jumped by somebody else's hand; then everything is measured anew.
  bool notice_jump(const base::Now& now);
  void take_change(const engine::ClockChanged& change);
  void take_refusal(const engine::ClockCommand& command, const std::string& what);
  void take_outcome(const engine::ClockCommand& command, const ClockOutcome& outcome);
  asio::awaitable<void> carry_out_commands();
  asio::awaitable<void> tick();
  asio::awaitable<void> tell_if_settled();

  TaskGroup& tasks_;
  ClockClient* clock_;
  Handlers handlers_;
  engine::Timekeeper keeper_;
  std::deque<engine::ClockCommand> commands_;
  asio::steady_timer news_;  // commands have come
  asio::steady_timer tick_timer_;
  base::MonoTime tick_due_ = base::MonoTime::min();  // none is waited for yet
  bool busy_ = false;
  bool stepping_ = false;  // gnomon-clock may have made a step that it has not told yet
  std::array<std::string, std::variant_size_v<engine::ClockCommand>> refusals_;  // the last of each kind
  ClockWatch watch_;
  bool slewing_ = false;
};

}  // namespace gnomon::core
