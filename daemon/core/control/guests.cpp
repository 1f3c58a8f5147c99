// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/guests.hpp"

#include <algorithm>

namespace gnomon::core::control {

// Who comes back at once finds what is left of the turns it had: a new connection gives no new ones.
void Guests::forget_rested(base::MonoTime now) {
  std::erase_if(shares_, [now](const auto& each) {
    return each.second.connections == 0 && each.second.next + turns_at_once <= now;
  });
}

bool Guests::admit(uid_t user, base::MonoTime now) {
  if (!shares_.contains(user)) {
    forget_rested(now);
    if (shares_.size() >= most_users) return false;
    shares_[user].next = now - turns_at_once;
  }
  auto& share = shares_[user];
  if (share.connections >= most_of_one_user || share.next > now) return false;
  ++share.connections;
  static_cast<void>(take_turn(user, now));
  return true;
}

void Guests::leave(uid_t user) {
  --shares_[user].connections;
}

base::MonoTime Guests::take_turn(uid_t user, base::MonoTime now) {
  auto& next = shares_[user].next;
  const auto turn = std::max(next, now - turns_at_once);
  next = turn + turn_interval;
  return std::max(turn, now);
}

}  // namespace gnomon::core::control
