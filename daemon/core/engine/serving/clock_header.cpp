// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/serving/clock_header.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace gnomon::engine {

namespace {

// chrony's sign for time that is on purpose not that of the reference: 127.127.1.255
constexpr base::ReferenceId smoothed_time{0x7f7f01ff};

bool is_smoothed(const ServerView& view, base::RealTime reading) {
  if (!view.served.smoothed) return false;
  const base::Seconds elapsed = base::to_seconds(reading - view.served.at);
  return std::fabs(view.served.curve.after(elapsed).offset) > std::ldexp(1.0, view.precision);
}

base::Seconds dispersion_at(const ServerView& view, base::RealTime at) {
  const double age = std::max(base::to_seconds(at - view.dispersion_time).count(), 0.0);
  return view.root_dispersion + base::Seconds{age * view.dispersion_rate};
}

// Mostly there is nothing to be corrected, and that is asked for with each answer.
base::Duration served_offset(const ServerView& view, base::RealTime reading) {
  const auto& time = view.served;
  if (time.slewed && !time.smoothed && time.rest == base::Seconds{}) return {};
  return base::to_duration(time.offset(reading));
}

// As if our own clock were looked at with every second that it shows; not in the last one, as chronyd has it:
// no timestamp of ours is to come before it.
base::RealTime reference_time_at(const ServerView& view, base::RealTime at) {
  if (!view.own_clock) return view.reference_time;
  return base::RealTime{std::chrono::floor<std::chrono::seconds>(at)} - std::chrono::seconds{1};
}

protocol::Header header_of(const ServerView& view, base::RealTime at, base::Duration offset) {
  protocol::Header h;
  h.leap = view.leap;
  h.stratum = view.stratum > 15 ? std::uint8_t{0} : view.stratum;  // 16 travels as 0
  h.precision = view.precision;
  h.root_delay = base::short_duration(view.root_delay);
  h.root_dispersion = base::short_duration(dispersion_at(view, at));
  h.reference_id = view.reference_id;
  if (view.leap != base::LeapIndicator::unsynchronised)
    h.reference = base::to_ntp(reference_time_at(view, at) + offset);
  return h;
}

}  // namespace

base::RealTime served(const ServerView& view, base::RealTime reading) {
  return reading + served_offset(view, reading);
}

protocol::MonotonicRoot monotonic_root(const ServerView& view, base::RealTime at) {
  return {.root_delay = view.root_delay,
          .root_dispersion = dispersion_at(view, at),
          .receive = {},
          .epoch = view.served.epoch};
}

// Smoothed time is not even.
protocol::MonotonicRoot served_monotonic_root(const ServerView& view, base::RealTime received) {
  auto root = monotonic_root(view, received);
  if (!is_smoothed(view, received))
    root.receive = base::to_ntp(served(view, received) - view.served.corrected);
  return root;
}

protocol::Header clock_header(const ServerView& view, base::RealTime at) {
  return header_of(view, at, base::to_duration(view.served.correction(at)));
}

protocol::Header served_header(const ServerView& view, base::RealTime at) {
  const base::Duration offset = served_offset(view, at);
  protocol::Header h = header_of(view, at, offset);
  h.receive = base::to_ntp(at + offset);
  if (is_smoothed(view, at)) h.reference_id = smoothed_time;
  return h;
}

}  // namespace gnomon::engine
