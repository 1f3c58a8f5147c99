// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/estimation/timescale.hpp"

#include <algorithm>
#include <iterator>

namespace gnomon::engine {

namespace {

// Enough for every sample still under way, an interleaved one of a poll interval ago included; older ones
// have been converted long ago.
constexpr std::size_t most_segments = 512;

base::Duration scaled(base::Duration duration, double factor) {
  return base::to_duration(base::to_seconds(duration) * factor);
}

}  // namespace

Timescale::Timescale(base::RealTime start, double rate) : start_(start) {
  segments_.push_back({start, {}, rate, {}});
}

void Timescale::change(base::RealTime at, double rate, base::Duration stepped) {
  begin(at, rate, stepped, segments_.back().leap);
}

void Timescale::leap(base::RealTime at, int seconds, base::Duration stepped) {
  const Segment& last = segments_.back();
  begin(at, last.rate, stepped, last.leap + std::chrono::seconds{seconds});
}

void Timescale::take_back_leap(base::RealTime at, int seconds) {
  const auto before =
      std::find_if(segments_.rbegin(), segments_.rend(), [at](const Segment& s) { return s.system < at; });
  for (auto segment = before.base(); segment != segments_.end(); ++segment)
    segment->leap -= std::chrono::seconds{seconds};
}

void Timescale::begin(base::RealTime at, double rate, base::Duration stepped, base::Duration leap) {
  // The last segment, not the one that fits: a step back makes readings ambiguous.
  const Segment& last = segments_.back();
  const base::Duration elapsed = at - stepped - last.system;
  const LocalTime local = last.local + (elapsed - scaled(elapsed, last.rate / (1 + last.rate)));
  segments_.push_back({at, local, rate, leap});
  if (segments_.size() > most_segments) segments_.pop_front();
}

LocalTime Timescale::local(base::RealTime system) const {
  auto segment = std::find_if(segments_.rbegin(), segments_.rend(),
                              [system](const Segment& s) { return s.system <= system; });
  if (segment == segments_.rend()) segment = std::prev(segments_.rend());
  const base::Duration elapsed = system - segment->system;
  // elapsed / (1 + rate), in a form that keeps the nanoseconds of long spans
  return segment->local + (elapsed - scaled(elapsed, segment->rate / (1 + segment->rate)));
}

const Timescale::Segment& Timescale::segment_at(LocalTime local) const {
  const auto segment = std::find_if(segments_.rbegin(), segments_.rend(),
                                    [local](const Segment& s) { return s.local <= local; });
  return segment == segments_.rend() ? segments_.front() : *segment;
}

base::RealTime Timescale::system(LocalTime local) const {
  return start_ + local.since_start + ahead(local) - segment_at(local).leap;
}

base::Duration Timescale::ahead(LocalTime local) const {
  const Segment& segment = segment_at(local);
  const base::Duration at_segment = segment.system + segment.leap - start_ - segment.local.since_start;
  return at_segment + scaled(local - segment.local, segment.rate);
}

}  // namespace gnomon::engine
