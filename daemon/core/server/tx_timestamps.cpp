// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/tx_timestamps.hpp"

#include <algorithm>

#include "base/os/timestamps.hpp"

namespace gnomon::core {

void TxTimestamps::sent(base::NtpTimestamp receive) {
  auto& awaited = awaited_[next_ % awaited_.size()];
  if (awaited.receive.is_zero()) ++awaits_;
  awaited = {.packet = next_, .receive = receive};
  ++next_;
}

void TxTimestamps::not_sent() {
  while (base::next_tx_timestamp(socket_)) {
  }
  // Without kernel timestamps the daemon's own stay in the memory.
  [[maybe_unused]] const auto restarted = base::restart_tx_timestamps(socket_, hardware_);
  std::ranges::fill(awaited_, Awaited{});
  next_ = awaits_ = 0;
}

// The kernel's is remembered at once: the card's, which is better, comes later or not at all.
TxTimestamps::Counts TxTimestamps::collect(const engine::ServedTime& served, const engine::NicTable* nics) {
  Counts counts;
  while (const auto reported = base::next_tx_timestamp(socket_)) {
    const auto packet = reported->packet.value_or(next_ - 1);
    auto& awaited = awaited_[packet % awaited_.size()];
    if (awaited.packet != packet || awaited.receive.is_zero()) continue;
    const auto remember = [&](base::RealTime time) {
      memory_.departed(awaited.receive, base::to_ntp(time + base::to_duration(served.offset(time))));
    };
    if (reported->time && !awaited.by_kernel) {
      awaited.by_kernel = true;
      awaited.at = *reported->time;
      remember(awaited.at);
      ++counts.kernel;
    }
    const bool may_come =
        nics != nullptr && hardware_ == base::Hardware::yes && nics->has(reported->interface);
    if (!reported->hardware && may_come) continue;
    if (reported->hardware && may_come && awaited.by_kernel) {
      if (const auto time = nics->departure(reported->interface, *reported->hardware, awaited.at)) {
        remember(*time);
        ++counts.hardware;
      }
    }
    awaited = {.packet = packet};
    if (--awaits_ == 0) break;  // nothing else is to come
  }
  return counts;
}

}  // namespace gnomon::core
