// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/clock/turned.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "helpers/clock/leap_midnight.hpp"

namespace gnomon::clock {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration slot_length = 5min;
constexpr std::size_t slots_of_hour = 13;
constexpr double small_frequency = 20e-6;
constexpr double small_change = 0.25;         // s
constexpr base::Duration least_jump = 100ms;  // above any pause between two readings
constexpr base::Duration longest_look_ahead = 24h;
// After sleep the clock is as right as a real-time clock that counts seconds and is up to 0.1 % off.
constexpr double after_sleep = 2;
constexpr double of_sleep = 1e-3;
constexpr double nothing = 1e-6;  // s

std::int64_t slot_of(base::MonoTime time) {
  return time.time_since_epoch() / slot_length;
}

std::size_t index_of(std::int64_t slot) {
  return static_cast<std::size_t>(slot % static_cast<std::int64_t>(TurnedState::slots));
}

}  // namespace

void Turned::advance(const base::Now& now, base::Duration asleep) {
  auto& s = state_;
  const auto behind_real = now.real.time_since_epoch() - now.mono.time_since_epoch();
  if (s.known) notice_jump(now, asleep);
  s.behind_real = behind_real;
  s.asleep = asleep;
  if (!s.known) s.started_at = now.mono;
  if (!s.known || now.mono < s.at) s.at = now.mono;
  s.known = true;
  while (s.at < now.mono) {
    const base::MonoTime next{(slot_of(s.at) + 1) * slot_length};
    const auto until = std::min(now.mono, next);
    run_on(until - s.at);
    to_slot(until);
  }
  if (s.owed_until < now.mono) s.owed = 0;
  if (s.slack_until < now.mono) s.slack = 0;
  look_if_over();
}

void Turned::notice_jump(const base::Now& now, base::Duration asleep) {
  auto& s = state_;
  const auto slept = asleep - s.asleep;
  if (slept >= least_jump) {
    s.slack = std::max(s.slack, after_sleep + of_sleep * base::to_seconds(slept).count());
    s.slack_until = now.mono + 1h;
  }
  const auto behind_real = now.real.time_since_epoch() - now.mono.time_since_epoch();
  auto jump = behind_real - s.behind_real - (slept >= least_jump ? slept : 0s);
  // The kernel's leap second is nobody's, and not to be undone, however late it is seen.
  const base::RealTime last{s.at.time_since_epoch() + s.behind_real};
  if (has_leap(std::min(last, now.real) - 1h, std::max(last, now.real) + 1h))
    jump -= std::clamp<base::Duration>(jump, -1s, 1s);
  if (abs(jump) < least_jump) return;
  s.owed -= base::to_seconds(jump).count();
  s.owed_until = now.mono + 24h;
}

// CLOCK_MONOTONIC runs at the rate of the system clock.
void Turned::run_on(base::Duration time) {
  auto& s = state_;
  const double seconds = base::to_seconds(time).count() / (1 + s.rate);
  s.at += time;
  s.calm_time += seconds;
  s.base_sum += s.base * seconds;
  if (s.counts) move(speed(s.rate) * seconds);
}

void Turned::move(double seconds) {
  auto& s = state_;
  const double undone = std::clamp(seconds, std::min(s.owed, 0.0), std::max(s.owed, 0.0));
  s.owed -= undone;
  const double to = s.turned + seconds - undone;
  const double beyond = std::max(to - bound(1), 0.0) + std::min(to - bound(-1), 0.0);
  const double excused = std::clamp(beyond, -s.slack, s.slack);
  s.slack -= std::fabs(excused);
  s.turned = to - excused;
  auto& extent = s.extents.at(index_of(s.slot));
  extent.low = std::min(extent.low, s.turned);
  extent.high = std::max(extent.high, s.turned);
}

// What is not looked at for days is only looked at as far as it is remembered.
void Turned::to_slot(base::MonoTime time) {
  auto& s = state_;
  if (!s.counts || slot_of(time) == s.slot) return;
  s.slot = slot_of(time);
  s.extents.at(index_of(s.slot)) = {s.turned, s.turned};
}

void Turned::starts_at(double rate) {
  auto& s = state_;
  if (!s.begun) s.needed = std::clamp(rate, -lasting_, lasting_);
  s.rate = s.base = rate;
  if (s.begun && std::fabs(rate - s.calm_base) > small_frequency) disturb();
}

void Turned::begin() {
  auto& s = state_;
  s.begun = true;
  s.begun_at = s.at;
  s.counts = false;
  disturb();
}

void Turned::runs_at(double rate, double base, double slew) {
  auto& s = state_;
  const bool corrects = slew != 0 && !s.corrected;
  s.corrected = s.corrected || corrects;
  if (corrects || !s.begun) begin();
  s.rate = rate;
  s.base = base;
  if (std::fabs(base - s.calm_base) > small_frequency || std::fabs(slew) > small_change) disturb();
}

void Turned::stepped(base::Duration offset, bool counts) {
  auto& s = state_;
  s.behind_real += offset;
  if (!counts) return;
  if (!std::exchange(s.corrected, true)) begin();
  disturb();
  if (s.counts) move(base::to_seconds(offset).count());
}

void Turned::allow_leap_slew() {
  state_.slack = std::max(state_.slack, 1.0);
  state_.slack_until = state_.at + 12h;
}

void Turned::disturb() {
  auto& s = state_;
  s.calm_since = s.at;
  s.calm_base = s.base;
  s.calm_time = 0;
  s.base_sum = 0;
}

void Turned::look_if_over() {
  auto& s = state_;
  if (s.counts || !s.begun) return;
  const auto calm = s.at - s.calm_since;
  if (calm < calm_enough && s.at - s.begun_at < longest_first_correction) return;
  s.counts = true;
  s.needed = bounded_need(s.calm_time > 60 ? s.base_sum / s.calm_time : s.base);
  s.slot = slot_of(s.at);
  s.turned = 0;
  s.extents.fill({});
}

// Nobody can tell an oscillator that is far off from a core that says so. What the kernel ran at when all
// this was started, whoever had left it at that, says nothing of the oscillator.
double Turned::bounded_need(double frequency) const {
  const auto& s = state_;
  if (is_late()) frequency = std::clamp(frequency, s.needed - late_change, s.needed + late_change);
  return std::clamp(frequency, -lasting_, lasting_);
}

Extent Turned::extent(std::size_t slots) const {
  const auto& s = state_;
  Extent whole{s.turned, s.turned};
  for (std::size_t i = 0; i < slots; ++i) {
    const auto slot = s.slot - static_cast<std::int64_t>(i);
    if (slot < 0) break;
    const auto& each = s.extents.at(index_of(slot));
    whole = {std::min(whole.low, each.low), std::max(whole.high, each.high)};
  }
  return whole;
}

// Also where it has been further: what overshoots a little each time must not add up.
double Turned::bound(double towards) const {
  const auto hour = extent(slots_of_hour);
  const auto day = extent(TurnedState::slots);
  if (towards > 0) return std::min(hour.low + most_an_hour, day.low + most_a_day);
  return std::max(hour.high - most_an_hour, day.high - most_a_day);
}

double Turned::room(double towards) const {
  const auto& s = state_;
  if (towards > 0) return bound(1) - s.turned + std::max(s.owed, 0.0) + s.slack;
  return s.turned - bound(-1) + std::max(-s.owed, 0.0) + s.slack;
}

double Turned::left_alone(double rate) const {
  if (!state_.counts) return state_.begun ? bounded_need(rate) : rate;
  constexpr double day = 86400;
  const auto limit = [&](double towards) { return std::max(room(towards), 0.0) / day; };
  return state_.needed + std::clamp(speed(rate), -limit(-1), limit(1));
}

bool Turned::may_run_on() const {
  const double turns = speed(state_.rate);
  return !state_.counts || std::fabs(turns) < negligible_turning || room(turns) > nothing;
}

std::optional<base::MonoTime> Turned::due() const {
  const auto& s = state_;
  if (!s.begun) return std::nullopt;
  if (!s.counts) return std::min(s.calm_since + calm_enough, s.begun_at + longest_first_correction);
  const double turns = speed(s.rate);
  const double seconds = std::fabs(turns) < negligible_turning
                             ? HUGE_VAL
                             : std::max(room(turns), 0.0) / std::fabs(turns) * (1 + s.rate);
  return s.at + std::min(base::to_duration(base::Seconds{seconds}), longest_look_ahead);
}

double Turned::within_hour() const {
  const auto hour = extent(slots_of_hour);
  return hour.high - hour.low;
}

double Turned::within_day() const {
  const auto day = extent(TurnedState::slots);
  return day.high - day.low;
}

}  // namespace gnomon::clock
