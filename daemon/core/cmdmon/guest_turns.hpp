// SPDX-License-Identifier: GPL-2.0-or-later
// How often those who may only look are answered, each by itself: a flood of one takes nothing from another.
// A table of fixed size. Owned by the command server. Time comes in as an argument.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/address.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"

namespace gnomon::core::cmdmon {

class GuestTurns {
 public:
  // Of one: a report of a thousand sources at once.
  static constexpr double at_once = 2000;
  static constexpr base::Seconds interval{4e-3};
  // Of all of this machine, and of all others, so that many of them do not take all of the core's time.
  static constexpr double all_at_once = 2 * at_once;
  static constexpr base::Seconds interval_of_all{5e-4};

  explicit GuestTurns(std::uint64_t seed) : seed_(seed) {}

  // Whether it has a turn now; then that is taken. One of another machine is its address (IPv6: its /64), one
  // of this machine its socket: all of its users have the same address. Unspecified: over a Unix socket.
  [[nodiscard]] bool take(const base::Endpoint& guest, base::MonoTime now);

 private:
  struct Share {
    std::uint64_t guest = 0;  // hash; 0: of nobody
    base::TokenBucket turns;
  };
  static constexpr std::size_t ways = 4;  // places that a guest may have: who rested longest makes room
  [[nodiscard]] Share& share_of(std::uint64_t guest);

  std::uint64_t seed_;
  std::array<std::array<Share, ways>, 64> shares_{};
  base::TokenBucket local_{.tokens = all_at_once};
  base::TokenBucket remote_{.tokens = all_at_once};
};

}  // namespace gnomon::core::cmdmon
