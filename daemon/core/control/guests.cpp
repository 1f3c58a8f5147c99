// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/guests.hpp"

#include <algorithm>
#include <utility>

namespace gnomon::core::control {

// Who comes back at once finds what is left of the turns it had: a new connection gives no new ones.
// One user can have many: newcomers must not wait for all of them to rest.
void Guests::make_room_for_a_user(base::MonoTime now) {
  std::erase_if(shares_, [now](const auto& each) {
    return each.second.connections == 0 && each.second.next + turns_at_once <= now;
  });
  if (shares_.size() < most_users) return;
  const auto rested = std::ranges::min_element(
      shares_, {}, [](const auto& each) { return std::pair{each.second.connections > 0, each.second.next}; });
  if (rested->second.connections == 0) shares_.erase(rested);
}

std::optional<Guests::ConnectionId> Guests::victim() const {
  if (connections_.empty()) return std::nullopt;
  const auto count = [this](const auto& each) { return shares_.at(each.second).connections; };
  return std::ranges::max_element(connections_, {}, count)->first;  // the first of equals: the oldest
}

std::optional<Guests::Admission> Guests::admit(uid_t user, base::MonoTime now, bool full) {
  if (!shares_.contains(user)) {
    make_room_for_a_user(now);
    if (shares_.size() >= most_users) return std::nullopt;
    shares_[user].next = now - turns_at_once;
  }
  auto& share = shares_[user];
  if (share.connections >= most_of_one_user || share.next > now) return std::nullopt;
  const auto displaced = full ? victim() : std::nullopt;
  if (full && !displaced) return std::nullopt;
  if (displaced) leave(*displaced);
  ++share.connections;
  connections_.emplace(++last_id_, user);
  static_cast<void>(take_turn(user, now));
  return Admission{last_id_, displaced};
}

void Guests::leave(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  --shares_.at(found->second).connections;
  connections_.erase(found);
}

base::MonoTime Guests::take_turn(uid_t user, base::MonoTime now) {
  auto& next = shares_[user].next;
  const auto turn = std::max(next, now - turns_at_once);
  next = turn + turn_interval;
  return std::max(turn, now);
}

}  // namespace gnomon::core::control
