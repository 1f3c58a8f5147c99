// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/refclock/phc_track.hpp"

#include <cmath>

namespace gnomon::refclock {

namespace {

constexpr std::size_t most = 16;
constexpr base::Duration farthest = std::chrono::seconds{10};
constexpr base::Seconds jump{0.1};

base::Duration phc_time(const base::PhcOffset& o) {
  return o.time.time_since_epoch() + o.total();
}

}  // namespace

void PhcTrack::add(const base::PhcOffset& offset) {
  // One of the clocks was set: what was before says nothing.
  if (!last_.empty() &&
      std::fabs(base::to_seconds(offset.total() - last_.back().total()).count()) > jump.count())
    last_.clear();
  last_.push_back(offset);
  if (last_.size() > most) last_.pop_front();
}

std::optional<base::RealTime> PhcTrack::system_at(base::Duration phc) const {
  if (last_.empty()) return std::nullopt;
  const auto& newest = last_.back();
  const auto since = phc - phc_time(newest);
  if (std::chrono::abs(since) > farthest) return std::nullopt;
  const base::RealTime same_offset = newest.time + since;
  if (last_.size() < 2) return same_offset;
  // A line through all of them: the offset changes evenly.
  double t = 0, o = 0, tt = 0, to = 0;
  for (const auto& one : last_) {
    const double x = base::to_seconds(one.time - newest.time).count();
    const double y = base::to_seconds(one.total() - newest.total()).count();
    t += x;
    o += y;
    tt += x * x;
    to += x * y;
  }
  const auto n = static_cast<double>(last_.size());
  const double spread = tt - t * t / n;
  const double slope = spread > 0 ? (to - t * o / n) / spread : 0;
  const double now = o / n + slope * (base::to_seconds(since).count() - t / n);
  return same_offset - base::to_duration(base::Seconds{now});
}

}  // namespace gnomon::refclock
