// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/request_spacing.hpp"

#include <algorithm>
#include <chrono>

namespace gnomon::engine {

namespace {

using namespace std::chrono_literals;

// chrony's: by then all but the slowest answers are there. One-shot, the packets at least leave the machine
// and pass a slow link one by one.
constexpr base::Duration usual_distance = 200ms;
constexpr base::Duration one_shot_distance = 5ms;
constexpr base::Duration one_shot_round = 50ms;

}  // namespace

// All sources must have their turn before the first one has its next: a round takes half of an interval at
// most, a second of the two seconds of a burst. So the last of hundreds is asked as soon after the start as
// the last of five.
base::Duration RequestSpacing::distance(base::Duration interval) const {
  const auto sources = static_cast<base::Duration::rep>(std::max<std::size_t>(sources_, 1));
  if (one_shot_) return std::min<base::Duration>(one_shot_distance, one_shot_round / sources);
  return std::min<base::Duration>(usual_distance, interval / (2 * sources));
}

base::MonoTime RequestSpacing::reserve(base::MonoTime now, base::Duration interval) {
  const base::MonoTime at = last_ ? std::max(now, *last_ + distance(interval)) : now;
  last_ = at;
  return at;
}

base::MonoTime RequestSlot::opens_at(base::MonoTime due, base::MonoTime now, base::Duration interval) {
  if (now < due || spacing_ == nullptr) return due;
  // One that was reserved before the request became due later is of no use any more.
  if (!reserved_ || *reserved_ < due) reserved_ = spacing_->reserve(now, interval);
  return *reserved_;
}

}  // namespace gnomon::engine
