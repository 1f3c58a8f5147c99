// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/clock/clock_driver.hpp"

#include <iterator>
#include <utility>

#include "async/every.hpp"

namespace gnomon::core {

void ClockEvents::append(ClockEvents later) {
  notes.insert(notes.end(), std::make_move_iterator(later.notes.begin()),
               std::make_move_iterator(later.notes.end()));
  records.insert(records.end(), std::make_move_iterator(later.records.begin()),
                 std::make_move_iterator(later.records.end()));
  if (later.measured) measured = later.measured;
  commands.insert(commands.end(), later.commands.begin(), later.commands.end());
  jumped = jumped || later.jumped;
  decided = decided || later.decided;
  stepped = stepped || later.stepped;
  if (later.drift) drift = later.drift;
  if (later.measured_offset) measured_offset = later.measured_offset;
  if (later.correction) correction = later.correction;
  if (later.to_replace) to_replace = later.to_replace;
  give_up = give_up || later.give_up;
}

ClockDriver::ClockDriver(async::TaskGroup& tasks, const engine::TimekeeperSettings& settings,
                         ClockClient* clock, Handlers handlers)
    : tasks_(tasks),
      clock_(clock),
      handlers_(std::move(handlers)),
      keeper_(settings),
      news_(tasks.loop()),
      tick_timer_(tasks.loop()),
      rate_{.frequency = base::ppm_of_ratio(settings.initial_rate), .slew = {}} {}

engine::InputResult ClockDriver::hand_in(const engine::Input& input) {
  auto outcome = engine::hand_in(keeper_, input);
  if (on_input_) on_input_(input, outcome, keeper_);
  return outcome;
}

ClockEvents ClockDriver::start() {
  if (clock_ != nullptr) tasks_.spawn("clock commands", carry_out_commands());
  const auto now = tasks_.now();
  auto events = notice_jump(now);
  events.append(absorb(hand_in(engine::input::Tick{now}).decisions));
  tasks_.spawn("timekeeper tick", tick());
  return events;
}

ClockEvents ClockDriver::notice_jump(const base::Now& now) {
  // A step may be under way: afterwards the watch begins again.
  if (busy_) watch_.forget();
  const auto jump = watch_.jumped(now, tasks_.loop().clock().asleep());
  // A leap second, too, which the keeper makes with the clock.
  if (!jump || keeper_.is_leap_second(jump->by, now)) return {};
  auto events = absorb(hand_in(engine::input::ClockJump{jump->by, jump->asleep, now}).decisions);
  events.jumped = true;
  ++totals_.jumps;
  return events;
}

ClockEvents ClockDriver::update(base::SourceId id, const engine::SourceStatus& status,
                                std::optional<engine::Sample> sample) {
  const auto now = tasks_.now();
  auto events = notice_jump(now);
  // The jump may lie between the two ends of the exchange.
  if (events.jumped || stepping_) sample.reset();
  events.append(absorb(hand_in(engine::input::Update{id, status, sample, now}).decisions));
  return events;
}

void ClockDriver::await(base::SourceId id, std::optional<base::MonoTime> until) {
  hand_in(engine::input::Await{id, until});
}

void ClockDriver::follow(base::Ppm correction) {
  following_ = correction;
  news_.wake();
}

void ClockDriver::compensate(base::Ppm compensation) {
  compensation_ = compensation;
  news_.wake();
}

ClockEvents ClockDriver::on_clock_changed(const engine::ClockChanged& reported) {
  const auto change = without_compensation(reported, applied_);
  slewing_ = false;
  // A step that is reported late is no jump.
  if (change.stepped != base::Duration{}) watch_.forget();
  auto events = clock_changed(change);
  tasks_.spawn("end of a slew", tell_if_settled());
  return events;
}

ClockEvents ClockDriver::clock_changed(const engine::ClockChanged& change) {
  // Sleep first: it was not passed at the rate that the clock ran at.
  const auto now = tasks_.now();
  auto events = notice_jump(now);
  events.append(absorb(hand_in(engine::input::ClockChange{change, now}).decisions));
  totals_.stepped += std::chrono::abs(change.stepped);
  events.stepped = change.stepped != base::Duration{};
  return events;
}

std::expected<ClockEvents, engine::Refusal> ClockDriver::apply(const engine::OperatorCommand& command) {
  auto outcome = hand_in(engine::input::Command{command, tasks_.now()});
  if (outcome.refusal) return std::unexpected(*outcome.refusal);
  return absorb(std::move(outcome.decisions));
}

std::expected<TimeSet, engine::Refusal> ClockDriver::set_time(base::RealTime time) {
  auto outcome = hand_in(engine::input::TimeEntered{time, tasks_.now()});
  if (outcome.refusal) return std::unexpected(*outcome.refusal);
  return TimeSet{outcome.entered.value_or(engine::ManualOutcome{}), absorb(std::move(outcome.decisions))};
}

ClockEvents ClockDriver::set_leap_table(engine::LeapTable table) {
  hand_in(engine::input::LeapSecondsKnown{std::move(table)});
  return select();
}

std::optional<ClockEvents> ClockDriver::activate_smoothing() {
  if (!hand_in(engine::input::ActivateSmoothing{tasks_.now()}).configured) return std::nullopt;
  return ClockEvents{.decided = true};
}

std::optional<ClockEvents> ClockDriver::reset_smoothing() {
  if (!hand_in(engine::input::ResetSmoothing{tasks_.now()}).configured) return std::nullopt;
  return ClockEvents{.decided = true};
}

bool ClockDriver::settled() const {
  return commands_.empty() && !busy_ && !slewing_;
}

ClockEvents ClockDriver::absorb(engine::Decisions decisions) {
  if (clock_ != nullptr) {
    for (auto& command : decisions.commands) commands_.push_back(command);
    news_.wake();
  }
  const auto now = tasks_.now();
  if (now.mono + keeper_.tick_after(now) < tick_due_) tick_timer_.wake();  // and is armed again
  // There may be nothing to correct.
  if (decisions.measured_offset) tasks_.spawn("first correction", tell_if_settled());
  return {.notes = std::move(decisions.notes),
          .records = std::move(decisions.records),
          .commands = clock_ == nullptr ? std::vector<engine::ClockCommand>{} : std::move(decisions.commands),
          .decided = true,
          .drift = decisions.drift_worth_saving ? std::optional{keeper_.drift()} : std::nullopt,
          .measured_offset = decisions.measured_offset,
          .correction = decisions.correction,
          .to_replace = decisions.to_replace,
          .give_up = decisions.give_up};
}

asio::awaitable<void> ClockDriver::carry_out_commands() {
  while (true) {
    while (commands_.empty() && requested_ == compensation_ + following_) co_await async::wait_for(news_);
    busy_ = true;
    const auto command = next_command();
    stepping_ = std::holds_alternative<engine::StepClock>(command);
    requested_ = compensation_ + following_;
    const auto reported = co_await clock_->carry_out(with_compensation(command, requested_));
    co_await async::end_if_cancelled();
    const auto outcome = take_report(command, reported);
    busy_ = false;
    stepping_ = false;
    handlers_.on_events(command_done(command, outcome));
    if (commands_.empty()) tasks_.spawn("end of commands", tell_if_settled());
  }
}

// What the timekeeper wants; else what it wanted last, as the compensation is another one.
engine::ClockCommand ClockDriver::next_command() {
  if (commands_.empty()) return rate_in_force();
  const auto command = commands_.front();
  commands_.pop_front();
  return command;
}

engine::SetRate ClockDriver::rate_in_force() const {
  const auto left = slew_end_ - tasks_.now().mono;
  if (left <= base::Duration{}) return {.frequency = rate_.frequency, .slew = {}};
  return {.frequency = rate_.frequency, .slew = rate_.slew, .duration = left};
}

ClockOutcome ClockDriver::take_report(const engine::ClockCommand& command, const ClockOutcome& reported) {
  const auto* const changed = std::get_if<engine::ClockChanged>(&reported);
  if (changed == nullptr) return reported;
  if (const auto* const rate = std::get_if<engine::SetRate>(&command)) {
    applied_ = requested_;
    rate_ = *rate;
    slew_end_ = tasks_.now().mono + rate->duration;
  }
  return without_compensation(*changed, applied_);
}

ClockEvents ClockDriver::command_done(const engine::ClockCommand& command, const ClockOutcome& outcome) {
  const bool was_step = std::holds_alternative<engine::StepClock>(command);
  if (was_step) watch_.forget();
  ClockEvents events;
  const auto* refused = std::get_if<Refused>(&outcome);
  count(command, refused != nullptr);
  if (auto note = new_refusal(command, refused == nullptr ? std::string{} : refused->what))
    events.notes.push_back(std::move(*note));
  if (refused != nullptr && was_step)
    events.append(absorb(hand_in(engine::input::StepRefused{tasks_.now()}).decisions));
  if (const auto* const status = std::get_if<engine::ReportStatus>(&command); status && refused == nullptr)
    if (const auto offset = tai_.told(*status)) events.notes.push_back({engine::note::TaiTold{*offset}});
  const auto* changed = std::get_if<engine::ClockChanged>(&outcome);
  if (changed == nullptr) return events;
  if (const auto* rate = std::get_if<engine::SetRate>(&command))
    slewing_ = rate->slew != base::Ppm{} && rate->duration > base::Duration{};
  events.append(clock_changed(*changed));
  return events;
}

void ClockDriver::count(const engine::ClockCommand& command, bool refused) {
  auto& counts = totals_.commands.at(command.index());
  ++(refused ? counts.refused : counts.applied);
}

// Every update asks again, for as long as the reason lasts: said when it comes and when it changes.
std::optional<engine::Note> ClockDriver::new_refusal(const engine::ClockCommand& command,
                                                     const std::string& what) {
  auto& last = refusals_.at(command.index());
  const bool is_news = !what.empty() && what != last;
  last = what;
  if (!is_news) return std::nullopt;
  return engine::Note{engine::note::ClockRefused{what}};
}

// Not within what is just being worked on: whoever hears it may end everything.
asio::awaitable<void> ClockDriver::tell_if_settled() {
  co_await async::pause_for(tasks_.loop(), base::Duration{});
  if (settled()) handlers_.on_settled();
}

// Selection ages with time; the server's dispersion, too, wants a fresh view now and then.
asio::awaitable<void> ClockDriver::tick() {
  const auto until_due = [this] {
    const auto now = tasks_.now();
    tick_due_ = now.mono + keeper_.tick_after(now);
    return tick_due_ - now.mono;
  };
  const auto on_tick = [this] {
    const auto now = tasks_.now();
    if (now.mono < tick_due_) return;  // woken: it is due earlier now
    auto events = notice_jump(now);
    events.append(absorb(hand_in(engine::input::Tick{now}).decisions));
    handlers_.on_events(std::move(events));
  };
  co_await async::every(tick_timer_, until_due, on_tick);
}

}  // namespace gnomon::core
