// SPDX-License-Identifier: GPL-2.0-or-later
// Drives the timekeeper: hands samples and time in, carries its clock commands to the clock helper one after
// the other and reports back what came of them. Owns the timekeeper. What its owner has to act on is
// returned.
#pragma once

#include <array>
#include <deque>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "async/task_group.hpp"
#include "daemon/core/clock/clock_totals.hpp"
#include "daemon/core/clock/clock_watch.hpp"
#include "daemon/core/clock/compensation.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/engine/leap/kernel_tai.hpp"
#include "daemon/core/engine/replay/input.hpp"
#include "daemon/core/links/clock_client.hpp"

namespace gnomon::core {

// What an exchange with a source gave, for who keeps it.
struct SourceMeasurement {
  base::SourceId source;
  base::Seconds offset{};  // positive: our clock is behind
  base::Seconds delay{};
  base::Seconds error{};  // the root distance
  std::uint8_t stratum = 0;
  bool used = false;  // it became a sample
};

// What came of a sample, a command or the time that has passed, in the order in which the owner acts on it.
struct [[nodiscard]] ClockEvents {
  std::vector<engine::Note> notes;
  engine::LogRecords records;
  std::optional<SourceMeasurement> measured{};
  std::vector<engine::ClockCommand> commands{};  // that the clock helper is told
  bool jumped = false;   // somebody else has set the clock: everything is to be measured again, and soon
  bool decided = false;  // verdicts, tracking or the server's view may have changed
  bool stepped = false;  // we have stepped the system clock
  std::optional<engine::DriftFile> drift;        // worth saving
  std::optional<base::Seconds> measured_offset;  // of the first selection; positive: our clock is behind
  std::optional<base::Seconds> correction;       // see Decisions
  std::optional<base::SourceId> to_replace;      // see Decisions
  bool give_up = false;                          // the clock will not be steered any more

  void append(ClockEvents later);
};

struct TimeSet {
  engine::ManualOutcome outcome;
  ClockEvents events;
};

class ClockDriver {
 public:
  // Called by its own tasks only, never from within a call of the owner.
  struct Handlers {
    std::function<void(ClockEvents)> on_events;
    std::function<void()> on_settled;  // nothing left to be carried out, no slew under way
  };
  // Is told of every input of the timekeeper and of what came of it; the timekeeper is as that has left it.
  using OnInput =
      std::function<void(const engine::Input&, const engine::InputResult&, const engine::Timekeeper&)>;
  // `clock`: null when the clock is not to be touched.
  ClockDriver(async::TaskGroup& tasks, const engine::TimekeeperSettings& settings, ClockClient* clock,
              Handlers handlers);
  ClockDriver(const ClockDriver&) = delete;
  ClockDriver& operator=(const ClockDriver&) = delete;

  // None: nobody listens any more.
  void set_on_input(OnInput on_input) { on_input_ = std::move(on_input); }
  [[nodiscard]] ClockEvents start();
  [[nodiscard]] const engine::Timekeeper& keeper() const { return keeper_; }
  void add(const engine::SourceTraits& traits) { hand_in(engine::input::Add{traits}); }
  void remove(base::SourceId id) { hand_in(engine::input::Remove{id}); }
  // What a file says of leap seconds.
  [[nodiscard]] ClockEvents set_leap_table(engine::LeapTable table);
  // The `smoothtime` command. nullopt: smoothtime is not configured.
  [[nodiscard]] std::optional<ClockEvents> activate_smoothing();
  [[nodiscard]] std::optional<ClockEvents> reset_smoothing();
  void set_address(base::SourceId id, const base::IpAddress& address) {
    hand_in(engine::input::SetAddress{id, address});
  }
  void set_provisional(base::SourceId id, bool provisional) {
    hand_in(engine::input::SetProvisional{id, provisional});
  }
  // The system clock may have been set.
  [[nodiscard]] ClockEvents look_at_clock() { return notice_jump(tasks_.now()); }
  [[nodiscard]] ClockEvents update(base::SourceId id, const engine::SourceStatus& status,
                                   std::optional<engine::Sample> sample);
  // See engine::Timekeeper.
  void await(base::SourceId id, std::optional<base::MonoTime> until);
  [[nodiscard]] ClockEvents restore(base::SourceId id, const engine::Dump& dump) {
    return absorb(hand_in(engine::input::Restore{id, dump, tasks_.now()}).decisions);
  }
  // Everything is to be measured again.
  [[nodiscard]] ClockEvents reset() { return absorb(hand_in(engine::input::Reset{tasks_.now()}).decisions); }
  // initstepslew is over.
  void end_initial() { hand_in(engine::input::InitialOver{}); }
  // Selection again, now.
  [[nodiscard]] ClockEvents select() { return absorb(hand_in(engine::input::Tick{tasks_.now()}).decisions); }
  void retune(const engine::Tuning& before, const engine::Tuning& now) {
    hand_in(engine::input::Retune{before, now});
  }
  void reconfigure(base::SourceId id, const config::Source& source) {
    hand_in(engine::input::Reconfigure{id, source});
  }
  // The clock is made faster by that from now on, and the keeper does not see it.
  void compensate(base::Ppm compensation);
  // Likewise, besides that: the clock is to follow a reference clock that is more stable (`local`).
  void follow(base::Ppm correction);
  // A slew has ended by itself: the clock helper says so.
  [[nodiscard]] ClockEvents on_clock_changed(const engine::ClockChanged& reported);
  [[nodiscard]] bool settled() const;
  // Why the clock's rate cannot be set; empty: it can, as far as is known.
  [[nodiscard]] const std::string& rate_refusal() const { return refusals_.front(); }
  [[nodiscard]] const ClockTotals& totals() const { return totals_; }
  // For the log when the daemon ends.
  [[nodiscard]] engine::LogRecords last_records() { return keeper_.last_records(tasks_.now()); }
  // By the operator, after look_at_clock(); the error is a sentence.
  [[nodiscard]] std::expected<ClockEvents, engine::Refusal> apply(const engine::OperatorCommand& command);
  [[nodiscard]] std::expected<TimeSet, engine::Refusal> set_time(base::RealTime time);

 private:
  // The one way to change the timekeeper.
  engine::InputResult hand_in(const engine::Input& input);
  // Queues what is for the clock helper; the rest is the owner's.
  [[nodiscard]] ClockEvents absorb(engine::Decisions decisions);
  // When somebody else has set the clock, everything is measured again.
  [[nodiscard]] ClockEvents notice_jump(const base::Now& now);
  [[nodiscard]] ClockEvents clock_changed(const engine::ClockChanged& change);
  [[nodiscard]] ClockEvents command_done(const engine::ClockCommand& command, const ClockOutcome& outcome);
  [[nodiscard]] std::optional<engine::Note> new_refusal(const engine::ClockCommand& command,
                                                        const std::string& what);
  void count(const engine::ClockCommand& command, bool refused);
  [[nodiscard]] engine::ClockCommand next_command();
  [[nodiscard]] engine::SetRate rate_in_force() const;
  [[nodiscard]] ClockOutcome take_report(const engine::ClockCommand& command, const ClockOutcome& reported);
  asio::awaitable<void> carry_out_commands();
  asio::awaitable<void> tick();
  asio::awaitable<void> tell_if_settled();

  async::TaskGroup& tasks_;
  ClockClient* clock_;
  Handlers handlers_;
  OnInput on_input_;
  engine::Timekeeper keeper_;
  std::deque<engine::ClockCommand> commands_;
  async::Timer news_;  // commands have come
  async::Timer tick_timer_;
  base::MonoTime tick_due_ = base::MonoTime::min();  // none is waited for yet
  bool busy_ = false;
  bool stepping_ = false;  // gnomon-clock may have made a step that it has not told yet
  // The last of each kind, in the order of the variant.
  std::array<std::string, std::variant_size_v<engine::ClockCommand>> refusals_;
  static_assert(std::is_same_v<std::variant_alternative_t<0, engine::ClockCommand>, engine::SetRate>);
  ClockWatch watch_;
  ClockTotals totals_;
  engine::KernelTai tai_;
  bool slewing_ = false;
  base::Ppm compensation_;  // that is wanted for the temperature
  base::Ppm following_;     // and for a local reference clock
  base::Ppm requested_;     // by the last command
  base::Ppm applied_;       // that the clock runs with
  // The last rate that was set, without compensation, and when its slew ends.
  engine::SetRate rate_;
  base::MonoTime slew_end_;
};

}  // namespace gnomon::core
