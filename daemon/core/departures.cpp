// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/departures.hpp"

#include <utility>

#include "base/os/timestamps.hpp"

namespace gnomon::core {

void Departures::sent(base::NtpTimestamp receive) {
  auto& awaited = awaited_[next_ % awaited_.size()];
  if (awaited.receive.is_zero()) ++awaits_;
  awaited = {next_, receive};
  ++next_;
}

void Departures::not_sent() {
  while (base::next_departure(socket_)) {
  }
  // Without kernel timestamps the daemon's own stay in the memory.
  [[maybe_unused]] const auto restarted = base::restart_departures(socket_);
  awaited_ = {};
  next_ = awaits_ = 0;
}

std::uint32_t Departures::collect() {
  std::uint32_t count = 0;
  while (const auto departure = base::next_departure(socket_)) {
    auto& awaited = awaited_[departure->packet % awaited_.size()];
    if (awaited.packet != departure->packet || awaited.receive.is_zero()) continue;
    memory_.departed(std::exchange(awaited.receive, {}), base::to_ntp(departure->time));
    --awaits_;
    ++count;
  }
  return count;
}

}  // namespace gnomon::core
