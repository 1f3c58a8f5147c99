// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

namespace gnomon::ntske {

RateLimiter::RateLimiter(std::int8_t interval_log2, std::uint8_t burst, std::uint8_t leak_log2)
    : cost_(std::ldexp(1.0, interval_log2)),
      most_credit_(cost_ * std::max<double>(burst, 1)),
      leak_mask_((1U << std::min<unsigned>(leak_log2, 31)) - 1) {}

bool RateLimiter::admits(const base::IpAddress& address, base::MonoTime now, std::uint32_t random) {
  auto found = clients_.find(address);
  if (found == clients_.end()) {
    if (clients_.size() >= capacity) make_room();
    found = clients_.emplace(address, Client{most_credit_, now}).first;
  }
  Client& client = found->second;
  client.credit = std::min(most_credit_, client.credit + base::to_seconds(now - client.seen));
  client.seen = now;
  if (client.credit >= cost_) {
    client.credit -= cost_;
    return true;
  }
  return (random & leak_mask_) == 0;
}

void RateLimiter::make_room() {
  const auto oldest =
      std::ranges::min_element(clients_, {}, [](const auto& client) { return client.second.seen; });
  clients_.erase(oldest);
}

}  // namespace gnomon::ntske
