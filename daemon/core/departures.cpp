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

std::uint32_t Departures::collect(const engine::ServedTime& served) {
  std::uint32_t count = 0;
  while (const auto departure = base::next_departure(socket_)) {
    const auto packet = departure->packet.value_or(next_ - 1);
    auto& awaited = awaited_[packet % awaited_.size()];
    if (awaited.packet != packet || awaited.receive.is_zero()) continue;
    memory_.departed(std::exchange(awaited.receive, {}),
                     base::to_ntp(departure->time + base::to_duration(served.offset(departure->time))));
    ++count;
    if (--awaits_ == 0) break;  // nothing else is to come
  }
  return count;
}

}  // namespace gnomon::core
