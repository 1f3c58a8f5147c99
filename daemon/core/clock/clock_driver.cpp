// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/clock_driver.hpp"

#include <utility>

#include "async/pause.hpp"
#include "base/os/clocks.hpp"

namespace gnomon::core {

ClockDriver::ClockDriver(TaskGroup& tasks, engine::TimekeeperSettings settings, ClockClient* clock,
                         Handlers handlers)
    : tasks_(tasks),
      clock_(clock),
      handlers_(std::move(handlers)),
      keeper_(std::move(settings)),
      news_(tasks.io()),
      tick_timer_(tasks.io()) {}

void ClockDriver::start() {
  if (clock_ != nullptr) tasks_.spawn("clock commands", carry_out_commands());
  const auto now = base::read_now();
  notice_jump(now);
  take(keeper_.on_tick(now));
  tasks_.spawn("timekeeper tick", tick());
}

bool ClockDriver::notice_jump(const base::Now& now) {
  // A step may be under way: afterwards the watch begins anew.
  if (busy_) watch_.forget();
  const auto jump = watch_.jumped(now, base::time_asleep());
  // A leap second, too, which the keeper makes with the clock.
  if (!jump || keeper_.is_leap_second(jump->by, now)) return false;
  take(keeper_.on_clock_jumped(jump->by, now, jump->asleep));
  handlers_.on_jumped();
  return true;
}

void ClockDriver::update(base::SourceId id, const engine::SourceStatus& status,
                         std::optional<engine::Sample> sample) {
  const auto now = base::read_now();
  // The jump may lie between the two ends of the exchange.
  if (notice_jump(now) || stepping_) sample.reset();
  take(keeper_.update(id, status, sample, now));
}

void ClockDriver::await(base::SourceId id, std::optional<base::MonoTime> until) {
  keeper_.await(id, until);
}

void ClockDriver::on_clock_changed(const engine::ClockChanged& change) {
  slewing_ = false;
  // A step that is reported late is no jump.
  if (change.stepped != base::Duration{}) watch_.forget();
  take_change(change);
  tasks_.spawn("end of a slew", tell_if_settled());
}

void ClockDriver::take_change(const engine::ClockChanged& change) {
  // Sleep first: it was not passed at the rate that the clock ran at.
  const auto now = base::read_now();
  notice_jump(now);
  take(keeper_.on_clock_changed(change, now));
  if (change.stepped != base::Duration{}) handlers_.on_stepped();
}

std::expected<void, std::string> ClockDriver::apply(const engine::OperatorCommand& order) {
  const auto now = base::read_now();
  notice_jump(now);
  auto decisions = keeper_.apply(order, now);
  if (!decisions) return std::unexpected(decisions.error());
  take(std::move(*decisions));
  return {};
}

std::expected<engine::ManualOutcome, std::string> ClockDriver::set_time(base::RealTime time) {
  const auto now = base::read_now();
  notice_jump(now);
  auto result = keeper_.enter_time(time, now);
  if (!result) return std::unexpected(result.error());
  take(std::move(result->decisions));
  return result->outcome;
}

void ClockDriver::set_leap_table(engine::LeapTable table) {
  keeper_.set_leap_table(std::move(table));
  take(keeper_.on_tick(base::read_now()));
}

bool ClockDriver::activate_smoothing() {
  const bool done = keeper_.activate_smoothing(base::read_now());
  handlers_.on_decided();
  return done;
}

bool ClockDriver::reset_smoothing() {
  const bool done = keeper_.reset_smoothing(base::read_now());
  handlers_.on_decided();
  return done;
}

bool ClockDriver::settled() const {
  return commands_.empty() && !busy_ && !slewing_;
}

void ClockDriver::take(engine::Decisions decisions) {
  for (const auto& note : decisions.notes) handlers_.on_note(note);
  if (clock_ != nullptr) {
    for (auto& command : decisions.commands) commands_.push_back(command);
    news_.expires_at(std::chrono::steady_clock::time_point::min());
  }
  const auto now = base::read_now();
  if (now.mono + keeper_.tick_after(now) < tick_due_) tick_timer_.cancel();  // and is armed anew
  if (decisions.drift_worth_saving) handlers_.on_drift(keeper_.drift());
  handlers_.on_decided();
  if (decisions.measured_offset) handlers_.on_measured(*decisions.measured_offset);
  if (decisions.give_up) handlers_.on_give_up();
  if (!decisions.measured_offset) return;
  tasks_.spawn("first correction", tell_if_settled());  // there may be nothing to correct
}

asio::awaitable<void> ClockDriver::carry_out_commands() {
  while (true) {
    if (commands_.empty()) {
      news_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await wait_for(news_);
      if (commands_.empty()) continue;
    }
    busy_ = true;
    const auto command = commands_.front();
    commands_.pop_front();
    stepping_ = std::holds_alternative<engine::StepClock>(command);
    const auto outcome = co_await clock_->carry_out(command);
    co_await end_if_cancelled();
    busy_ = false;
    stepping_ = false;
    take_outcome(command, outcome);
    if (commands_.empty()) tasks_.spawn("end of commands", tell_if_settled());
  }
}

void ClockDriver::take_outcome(const engine::ClockCommand& command, const ClockOutcome& outcome) {
  if (std::holds_alternative<engine::StepClock>(command)) watch_.forget();
  const auto* refused = std::get_if<Refused>(&outcome);
  take_refusal(command, refused == nullptr ? std::string{} : refused->what);
  if (refused != nullptr && std::holds_alternative<engine::StepClock>(command))
    take(keeper_.on_step_refused(base::read_now()));
  const auto* changed = std::get_if<engine::ClockChanged>(&outcome);
  if (changed == nullptr) return;
  if (const auto* rate = std::get_if<engine::SetRate>(&command))
    slewing_ = rate->slew != base::Ppm{} && rate->duration > base::Duration{};
  take_change(*changed);
}

// Every update asks again, for as long as the reason lasts: said when it comes and when it changes.
void ClockDriver::take_refusal(const engine::ClockCommand& command, const std::string& what) {
  auto& last = refusals_.at(command.index());
  if (!what.empty() && what != last)
    handlers_.on_note({.kind = engine::NoteKind::clock_refused, .source = {}, .value = 0, .text = what});
  last = what;
}

// Not within what is just being worked on: whoever hears it may end everything.
asio::awaitable<void> ClockDriver::tell_if_settled() {
  asio::steady_timer at_once{tasks_.io(), std::chrono::steady_clock::time_point::min()};
  co_await wait_for(at_once);
  if (settled()) handlers_.on_settled();
}

asio::awaitable<void> ClockDriver::tick() {
  while (true) {
    // Selection ages with time; the server's dispersion, too, wants a fresh view now and then.
    const auto before = base::read_now();
    tick_due_ = before.mono + keeper_.tick_after(before);
    tick_timer_.expires_after(tick_due_ - before.mono);
    co_await wait_for(tick_timer_);
    const auto now = base::read_now();
    if (now.mono < tick_due_) continue;  // it is due earlier now
    notice_jump(now);
    take(keeper_.on_tick(now));
  }
}

}  // namespace gnomon::core
