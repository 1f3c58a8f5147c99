// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/local_reference.hpp"

#include <algorithm>

namespace gnomon::engine {

namespace {

// Not positive: no longer.
base::Seconds left_to_wait(const config::Local& local, const LocalReference::Clock& clock) {
  if (!clock.since_update) return local.wait_unsynced - clock.since_start;
  return local.wait_synced - *clock.since_update;
}

}  // namespace

void LocalReference::apply(const ServeLocal& command) {
  settings_ = command.local;
  activated_ = false;
}

void LocalReference::look(base::Seconds distance) {
  if (settings_ && distance < settings_->activate) activated_ = true;
}

bool LocalReference::takes_over(const Clock& clock) const {
  if (!settings_) return false;
  const bool far = !clock.distance || *clock.distance > settings_->distance;
  return far && (settings_->activate <= base::Seconds{0} || activated_) &&
         left_to_wait(*settings_, clock) <= base::Seconds{};
}

std::optional<base::Seconds> LocalReference::holds_for(const Clock& clock, double rate) const {
  if (!settings_) return std::nullopt;
  std::optional<base::Seconds> first;
  if (const auto wait = left_to_wait(*settings_, clock); wait > base::Seconds{}) first = wait;
  const auto margin = settings_->distance - clock.distance.value_or(base::Seconds{});
  if (!clock.distance || margin < base::Seconds{} || rate <= 0) return first;
  return std::min(first.value_or(margin / rate), margin / rate);
}

std::uint8_t LocalReference::stratum() const {
  return settings_.value_or(config::Local{}).stratum.value;
}

std::optional<int> LocalReference::orphan_stratum() const {
  if (!settings_ || !settings_->orphan) return std::nullopt;
  return settings_->stratum.value;
}

}  // namespace gnomon::engine
