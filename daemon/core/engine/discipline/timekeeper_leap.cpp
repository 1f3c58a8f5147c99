// SPDX-License-Identifier: GPL-2.0-or-later
// The timekeeper's part in leap seconds: who announces one, what the clock does when it comes, and how served
// time is smoothed over it.
#include <algorithm>
#include <cmath>
#include <utility>

#include "daemon/core/engine/discipline/timekeeper_state.hpp"

namespace gnomon::engine {

namespace {

using Kind = LeapEvent::Kind;

std::string_view way_of(const TimekeeperSettings& settings) {
  if (!settings.steer) return "the clock is not ours to correct";
  switch (settings.clock.leap_second_mode) {
    case config::LeapSecondMode::system:
      return "the kernel makes it";
    case config::LeapSecondMode::step:
      return "the clock is stepped";
    case config::LeapSecondMode::slew:
      return "the clock is slewed from then on";
    case config::LeapSecondMode::ignore:
      break;
  }
  return "the clock is corrected when measurements show it";
}

int seconds_of(base::LeapIndicator leap) {
  if (leap == base::LeapIndicator::insert) return 1;
  return leap == base::LeapIndicator::remove ? -1 : 0;
}

base::Duration jump_of(const LeapEvent& event) {
  return event.kind == Kind::jumped ? std::chrono::seconds{-event.seconds} : base::Duration{};
}

}  // namespace

base::Seconds ServedTime::offset(base::RealTime reading) const {
  if (!smoothed) return base::Seconds{0};
  const double elapsed = base::to_seconds(reading - at).count();
  return rest + base::Seconds{rest_rate * elapsed + curve.after(elapsed).offset};
}

base::RealTime Timekeeper::State::utc(const base::Now& now) const {
  return now.real + base::to_duration(discipline.remaining(timescale.local(now.real), timescale));
}

bool Timekeeper::State::announce_leap(const base::Now& now, Decisions& decisions) {
  // A clock that was never compared with anything may show any day.
  if (!has_reference) return false;
  const base::RealTime today = utc(now);
  const auto listed = leap_table.leap_at_end_of(today);
  if (!leap.announce(listed == base::LeapIndicator::none ? reference.leap : listed, today)) return false;
  decisions.notes.push_back({.kind = NoteKind::leap_announced,
                             .source = {},
                             .value = static_cast<double>(seconds_of(leap.indicator())),
                             .text = std::string(way_of(settings))});
  return true;
}

void Timekeeper::State::attend_leap(const base::Now& now, Decisions& decisions) {
  const LeapEvent event = leap.look(now);
  switch (event.kind) {
    case Kind::none:
      return;
    case Kind::step_due:
      decisions.commands.emplace_back(StepClock{std::chrono::seconds{-event.seconds}});
      return;
    case Kind::over:
      // What most sources said was about this one.
      reference.leap = base::LeapIndicator::none;
      if (has_reference) report_status(now, decisions);
      return;
    default:
      return make_leap(event, now, decisions);
  }
}

void Timekeeper::State::make_leap(const LeapEvent& event, const base::Now& now, Decisions& decisions) {
  timescale.leap(event.at, event.seconds, jump_of(event));
  // UTC went back (or on) by a second: to those we serve it does so little by little.
  const LocalTime local = timescale.local(now.real);
  if (smoothing) smoothing->absorb(local, base::Seconds{-static_cast<double>(event.seconds)}, 0);
  if (event.kind == Kind::slew_due) discipline.slew_leap(local, timescale, decisions);
  decisions.notes.push_back({.kind = event.kind == Kind::missed ? NoteKind::leap_missed : NoteKind::leap_made,
                             .source = {},
                             .value = static_cast<double>(event.seconds),
                             .text = std::string(way_of(settings))});
}

void Timekeeper::State::smooth_update(double frequency_before, const base::Now& now,
                                      const Decisions& decisions) {
  if (!smoothing) return;
  const LocalTime local = timescale.local(now.real);
  const bool stepped = std::ranges::any_of(decisions.commands, [](const ClockCommand& command) {
    return std::holds_alternative<StepClock>(command);
  });
  // A clock that is still being set is followed at once.
  if (!smoothing->active() && !stepped) return smoothing->activate(local);
  if (smoothing->leap_only()) return;
  smoothing->absorb(local, discipline.last_correction(), discipline.frequency() - frequency_before);
}

ServedTime Timekeeper::State::served_time(const base::Now& now) const {
  if (!smoothing || !smoothing->active()) return {};
  const LocalTime local = timescale.local(now.real);
  return {.smoothed = true,
          .at = now.real,
          .rest = discipline.remaining(local, timescale),
          .rest_rate = discipline.frequency() - timescale.rate(),
          .curve = smoothing->curve(local)};
}

base::Duration Timekeeper::tick_after(const base::Now& now) const {
  const base::Duration look = state_->leap.next_look(now.real);
  if (!state_->waits_until) return look;
  constexpr base::Duration just_after = std::chrono::milliseconds{1};
  return std::clamp<base::Duration>(*state_->waits_until - now.mono + just_after, just_after,
                                    std::max(look, just_after));
}

void Timekeeper::set_leap_table(LeapTable table) {
  state_->leap_table = std::move(table);
}

bool Timekeeper::is_leap_second(base::Duration jump, const base::Now& now) const {
  return state_->leap.is_leap(jump, now.real);
}

bool Timekeeper::activate_smoothing(const base::Now& now) {
  if (!state_->smoothing) return false;
  state_->smoothing->activate(state_->timescale.local(now.real));
  return true;
}

bool Timekeeper::reset_smoothing(const base::Now& now) {
  if (!state_->smoothing) return false;
  if (state_->smoothing->active()) state_->smoothing->reset(state_->timescale.local(now.real));
  return true;
}

SmoothingReport Timekeeper::smoothing(const base::Now& now) const {
  SmoothingReport report;
  if (!state_->smoothing) return report;
  const Smoothing& smoothing = *state_->smoothing;
  report.leap_only = smoothing.leap_only();
  if (!smoothing.active()) return report;
  const LocalTime local = state_->timescale.local(now.real);
  const SmoothingCurve curve = smoothing.curve(local);
  report.active = true;
  report.offset = base::Seconds{curve.offset};
  report.frequency = base::ppm_of_ratio(curve.frequency);
  report.wander = curve.wander() * 1e6;
  report.last_update = base::to_seconds(local - smoothing.last_update().value_or(local));
  report.remaining = base::Seconds{curve.remaining()};
  return report;
}

}  // namespace gnomon::engine
