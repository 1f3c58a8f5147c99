// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/tx_timestamps.hpp"

#include <algorithm>
#include <utility>

#include "base/os/timestamps.hpp"

namespace gnomon::core {

void TxTimestamps::sent(base::NtpTimestamp receive) {
  auto& awaited = awaited_[next_ % awaited_.size()];
  if (awaited.receive.is_zero()) ++awaits_;
  awaited = {next_, receive};
  ++next_;
}

void TxTimestamps::not_sent() {
  while (base::next_tx_timestamp(socket_)) {
  }
  // Without kernel timestamps the daemon's own stay in the memory.
  [[maybe_unused]] const auto restarted = base::restart_tx_timestamps(socket_);
  std::ranges::fill(awaited_, Awaited{});
  next_ = awaits_ = 0;
}

std::uint32_t TxTimestamps::collect(const engine::ServedTime& served) {
  std::uint32_t count = 0;
  while (const auto tx_timestamp = base::next_tx_timestamp(socket_)) {
    const auto packet = tx_timestamp->packet.value_or(next_ - 1);
    auto& awaited = awaited_[packet % awaited_.size()];
    if (awaited.packet != packet || awaited.receive.is_zero()) continue;
    memory_.departed(std::exchange(awaited.receive, {}),
                     base::to_ntp(tx_timestamp->time + base::to_duration(served.offset(tx_timestamp->time))));
    ++count;
    if (--awaits_ == 0) break;  // nothing else is to come
  }
  return count;
}

}  // namespace gnomon::core
