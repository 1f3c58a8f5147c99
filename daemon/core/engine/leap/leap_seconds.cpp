// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_seconds.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/utc_day.hpp"

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration near = 5s;         // clocks of sources may be that far from ours around the second
constexpr base::Duration grace = 2s;        // for whoever is to make it
constexpr base::Duration tolerance = 50ms;  // of the size of a jump
constexpr base::Duration impatience = 20ms;

}  // namespace

// An inserted second is made when the day is over, a deleted one when it would begin.
base::RealTime LeapSeconds::Coming::instant() const {
  return seconds > 0 ? midnight : midnight - 1s;
}

bool LeapSeconds::announce(base::LeapIndicator leap, base::RealTime utc) {
  const bool settled = utc - base::day_begin(utc) >= near && base::day_end(utc) - utc > near;
  if (!settled) return false;
  const auto before = indicator();
  const bool comes =
      base::is_leap_day(utc) && (leap == base::LeapIndicator::insert || leap == base::LeapIndicator::remove);
  if (!comes)
    coming_.reset();
  else if (leap != before || !coming_)
    coming_ = Coming{base::day_end(utc), leap == base::LeapIndicator::insert ? 1 : -1};
  return indicator() != before;
}

base::LeapIndicator LeapSeconds::indicator() const {
  if (!coming_ || coming_->withdrawn) return base::LeapIndicator::none;
  return coming_->seconds > 0 ? base::LeapIndicator::insert : base::LeapIndicator::remove;
}

base::LeapIndicator LeapSeconds::armed() const {
  return mode_ == config::LeapSecondMode::system ? indicator() : base::LeapIndicator::none;
}

LeapEvent LeapSeconds::finish(LeapEvent::Kind kind, base::RealTime at) {
  if (!coming_) return {};
  const LeapEvent event{kind, coming_->seconds, at};
  passed_ = coming_->midnight;
  over_due_ = true;
  coming_.reset();
  return event;
}

bool LeapSeconds::is_leap(base::Duration jump, base::RealTime now) const {
  if (!coming_ || (steer_ && mode_ != config::LeapSecondMode::system)) return false;
  const base::Duration expected = coming_->seconds > 0 ? -1s : 1s;
  return std::chrono::abs(jump - expected) < tolerance && now >= coming_->midnight - 1s - tolerance;
}

LeapEvent LeapSeconds::due(base::RealTime now) {
  coming_->withdrawn = true;
  const auto instant = coming_->instant();
  if (steer_ && mode_ == config::LeapSecondMode::slew) return finish(LeapEvent::Kind::slew_due, instant);
  if (steer_ && mode_ == config::LeapSecondMode::ignore) return finish(LeapEvent::Kind::left, instant);
  if (steer_ && mode_ == config::LeapSecondMode::step && !std::exchange(coming_->commanded, true))
    return {LeapEvent::Kind::step_due, coming_->seconds, now};
  if (now < instant + grace) return {};
  return finish(steer_ ? LeapEvent::Kind::missed : LeapEvent::Kind::left, instant);
}

LeapEvent LeapSeconds::look(const base::Now& now) {
  const auto difference = now.real.time_since_epoch() - now.mono.time_since_epoch();
  const auto jump = difference - difference_.value_or(difference);
  difference_ = difference;
  if (is_leap(jump, now.real)) {
    const auto midnight = coming_->midnight;
    return finish(LeapEvent::Kind::jumped, coming_->seconds > 0 ? midnight - 1s : midnight);
  }
  if (coming_) return now.real < coming_->instant() ? LeapEvent{} : due(now.real);
  if (!over_due_ || now.real < *passed_ + grace) return {};
  over_due_ = false;
  return {LeapEvent::Kind::over, 0, now.real};
}

std::optional<LeapEvent> LeapSeconds::stepped(base::RealTime at, base::Duration by) {
  difference_.reset();
  if (!coming_ || !coming_->commanded || by != -coming_->seconds * base::Duration{1s}) return std::nullopt;
  return finish(LeapEvent::Kind::jumped, at);
}

void LeapSeconds::forget() {
  coming_.reset();
  passed_.reset();
  over_due_ = false;
  difference_.reset();
}

bool LeapSeconds::is_near(base::RealTime reading) const {
  const auto around = [reading](base::RealTime midnight) {
    return std::chrono::abs(reading - midnight) <= near;
  };
  return (coming_ && around(coming_->midnight)) || (passed_ && around(*passed_));
}

bool LeapSeconds::is_before(base::RealTime reading) const {
  return coming_ && reading < coming_->midnight - 1s;
}

base::Duration LeapSeconds::next_look(base::RealTime now) const {
  if (coming_ && now >= coming_->instant()) return impatience;
  // At the end of any day: what was announced a moment ago is not to be missed.
  const auto midnight = base::day_end(now);
  base::Duration pause = midnight - now + 1ms;
  for (const auto mark : {base::day_begin(now) + grace, midnight - 1s})
    if (mark > now) pause = std::min(pause, mark - now + 1ms);
  return pause;
}

}  // namespace gnomon::engine
