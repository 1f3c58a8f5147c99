// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/leap_notes.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace gnomon::engine {

namespace {

std::string_view way_of(const LeapMaker& maker) {
  if (!maker.steer) return "the clock is not ours to correct";
  switch (maker.mode) {
    case config::LeapSecondMode::system:
      return "the kernel applies it";
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

}  // namespace

base::LeapIndicator leap_by_majority(std::span<const base::LeapIndicator> said) {
  for (const auto leap : {base::LeapIndicator::insert, base::LeapIndicator::remove})
    if (std::ranges::count(said, leap) * 2 > std::ssize(said)) return leap;
  return base::LeapIndicator::none;
}

base::LeapIndicator leap_of_day(const LeapTable& table, base::LeapIndicator by_sources, base::RealTime utc) {
  const auto listed = table.leap_at_end_of(utc);
  return listed == base::LeapIndicator::none ? by_sources : listed;
}

Note leap_announced(base::LeapIndicator leap, const LeapMaker& maker) {
  return {note::LeapAnnounced{seconds_of(leap), way_of(maker)}};
}

Note leap_made(const LeapEvent& event, const LeapMaker& maker) {
  if (event.kind == LeapEvent::Kind::missed) return {note::LeapMissed{event.seconds}};
  return {note::LeapMade{event.seconds, way_of(maker)}};
}

}  // namespace gnomon::engine
