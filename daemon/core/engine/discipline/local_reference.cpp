// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/discipline/local_reference.hpp"

namespace gnomon::engine {

namespace {

bool waits(const config::Local& local, const LocalReference::Clock& clock) {
  if (!clock.since_update) return clock.since_start < local.wait_unsynced;
  return *clock.since_update < local.wait_synced;
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
  return far && (settings_->activate <= base::Seconds{0} || activated_) && !waits(*settings_, clock);
}

std::uint8_t LocalReference::stratum() const {
  return settings_.value_or(config::Local{}).stratum.value;
}

std::optional<int> LocalReference::orphan_stratum() const {
  if (!settings_ || !settings_->orphan) return std::nullopt;
  return settings_->stratum.value;
}

}  // namespace gnomon::engine
