// SPDX-License-Identifier: GPL-2.0-or-later
// Callers who may only read reports: how many connections each user has and how often each may call, so that
// nobody takes all of the core's time or of the table, not even with many users. Owned by the control server.
// Time comes in as an argument.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/time.hpp"

namespace gnomon::core::control {

class Guests {
 public:
  static constexpr int most_of_one_user = 16;  // connections
  static constexpr std::size_t most_users = 256;
  // A turn is a connection, a read or a message: a call takes two.
  static constexpr base::Duration turn_interval = std::chrono::milliseconds{5};
  static constexpr base::Duration turns_at_once = 200 * turn_interval;

  using ConnectionId = std::uint64_t;  // rises with the time of its beginning
  struct Admission {
    ConnectionId id = 0;
    std::optional<ConnectionId> displaced;  // is counted no more, and is to be ended
  };
  // One more connection of this user; leave() when it ends. full: there is room for it only in the place of
  // another, the oldest of the user who has most of them.
  [[nodiscard]] std::optional<Admission> admit(uid_t user, base::MonoTime now, bool full);
  void leave(ConnectionId id);  // one that was displaced as well
  // When this user's next turn is; it is taken with that. For one with a connection.
  [[nodiscard]] base::MonoTime take_turn(uid_t user, base::MonoTime now);

 private:
  struct Share {
    int connections = 0;
    base::MonoTime next;  // its next turn; it is not remembered that it has waited for longer than the rest
  };
  void make_room_for_a_user(base::MonoTime now);
  [[nodiscard]] std::optional<ConnectionId> victim() const;

  ConnectionId last_id_ = 0;
  std::map<ConnectionId, uid_t> connections_;
  std::map<uid_t, Share> shares_;
};

}  // namespace gnomon::core::control
