// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/association/name_lookup.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::engine {

namespace {

// A few quick retries, as at boot the network often comes up just now.
constexpr int quick_retries = 3;
constexpr double pause_after_quick = 28;  // s
constexpr double longest_pause = 54;      // s, with the jitter below a minute

double pause_after(int failures) {
  if (failures <= quick_retries) return std::ldexp(1.0, failures);
  return failures == quick_retries + 1 ? pause_after_quick : longest_pause;
}

base::Duration spread(double seconds, double jitter) {
  return base::to_duration(base::Seconds{seconds * (1.0 + 0.1 * jitter)});
}

}  // namespace

bool NameLookup::is_outdated(base::MonoTime now, base::Seconds refresh) const {
  return done_at_ && refresh.count() > 0 && base::to_seconds(now - *done_at_) > refresh;
}

void NameLookup::forgive(base::MonoTime now) {
  failures_ = 0;
  allowed_at_ = std::min(allowed_at_, now);
}

void NameLookup::failed(base::MonoTime now, double jitter) {
  failures_ = std::min(failures_ + 1, quick_retries + 2);
  allowed_at_ = now + spread(pause_after(failures_), jitter);
}

void NameLookup::succeeded(base::MonoTime now, double jitter) {
  failures_ = 0;
  wanted_ = false;
  done_at_ = now;
  allowed_at_ = now + spread(pause_after_quick, jitter);
}

}  // namespace gnomon::engine
