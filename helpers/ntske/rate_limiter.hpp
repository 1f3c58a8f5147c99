// SPDX-License-Identifier: GPL-2.0-or-later
// ntsratelimit: how often one address may begin a session. Owned by the server role; bounded memory.
#pragma once

#include <cstdint>
#include <map>

#include "base/address.hpp"
#include "base/time.hpp"

namespace gnomon::ntske {

class RateLimiter {
 public:
  // On average one session every 2^interval_log2 seconds, `burst` of them at once, and when an address has
  // used that up one in 2^leak_log2 all the same.
  RateLimiter(std::int8_t interval_log2, std::uint8_t burst, std::uint8_t leak_log2);

  // Counts the session if it is admitted. `random` decides about the leak.
  [[nodiscard]] bool admits(const base::IpAddress& address, base::MonoTime now, std::uint32_t random);
  [[nodiscard]] std::size_t size() const { return clients_.size(); }

  static constexpr std::size_t capacity = 4096;  // addresses; then the one not seen for longest is forgotten

 private:
  struct Client {
    base::Seconds credit{};
    base::MonoTime seen;
  };
  void make_room();

  base::Seconds cost_;  // of one session
  base::Seconds most_credit_;
  std::uint32_t leak_mask_;
  std::map<base::IpAddress, Client> clients_;
};

}  // namespace gnomon::ntske
