// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_keeper.hpp"

#include <cmath>

namespace gnomon::engine {

std::optional<Note> LeapKeeper::announce(base::LeapIndicator by_sources, base::RealTime utc) {
  if (!leap_.announce(leap_of_day(table_, by_sources, utc), utc)) return std::nullopt;
  return leap_announced(leap_.indicator(), maker());
}

LeapEvent LeapKeeper::look(const base::Now& now) {
  const LeapEvent event = leap_.look(now);
  remember(event);
  return event;
}

std::optional<LeapEvent> LeapKeeper::stepped(base::RealTime at, base::Duration by) {
  const auto event = leap_.stepped(at, by);
  if (event) remember(*event);
  return event;
}

void LeapKeeper::remember(const LeapEvent& event) {
  using Kind = LeapEvent::Kind;
  if (event.kind == Kind::none || event.kind == Kind::step_due || event.kind == Kind::over) return;
  left_at_.reset();
  if (event.kind == Kind::left || event.kind == Kind::missed) left_at_ = event.at;
  left_seconds_ = event.seconds;
}

void LeapKeeper::forget() {
  leap_.forget();
  left_at_.reset();
}

// A source makes none that spreads it over hours, or whose time was said to be another than it is.
std::optional<LeapKeeper::Untrue> LeapKeeper::take_measurement(base::Seconds unexpected) {
  constexpr double nearly = 0.25;  // s
  if (!left_at_) return std::nullopt;
  const base::RealTime at = *std::exchange(left_at_, std::nullopt);
  if (std::fabs(unexpected.count() - left_seconds_) > nearly) return std::nullopt;
  return Untrue{.at = at, .seconds = left_seconds_};
}

}  // namespace gnomon::engine
