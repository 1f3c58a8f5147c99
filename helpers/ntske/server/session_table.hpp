// SPDX-License-Identifier: GPL-2.0-or-later
// Who has a slot among a server's sessions, for how long, and who is displaced when all are in use: decisions
// without sockets or timers. Owned by the server role.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "base/address.hpp"
#include "base/time.hpp"

namespace gnomon::ntske {

using SessionId = std::uint64_t;  // rises with the time of its start

// From accept to the last octet. A client that trickles does not get more.
inline constexpr base::Duration session_limit = std::chrono::seconds{2};
// When all slots are taken, a session may be displaced once it is so old: early where its network has
// others, late where it is the only one.
inline constexpr base::Duration early_timeout = std::chrono::milliseconds{100};
inline constexpr base::Duration late_timeout = std::chrono::milliseconds{500};

class SessionTable {
 public:
  explicit SessionTable(std::size_t slots) : slots_(slots) {}

  // Who must go before one more may come, and when to ask again if nobody may go yet. Both empty: there is a
  // free slot.
  struct Slot {
    std::optional<SessionId> displace;
    std::optional<base::MonoTime> ask_again;
    friend bool operator==(const Slot&, const Slot&) = default;
  };
  // The victim is the oldest session of the network with the most of them: as long as somebody has more
  // sessions than a client's own network, that client's is safe.
  [[nodiscard]] Slot free_slot(base::MonoTime now) const;

  [[nodiscard]] SessionId admit(const base::IpAddress& client, base::MonoTime now);
  // Its request is complete: it is not displaced while the answer is made.
  void settle(SessionId id);
  // It is answered, or not, and only has to go.
  void unsettle(SessionId id);
  void remove(SessionId id);
  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  // The oldest session, if its time is over. It has that long again to go.
  [[nodiscard]] std::optional<SessionId> take_late(base::MonoTime now);
  [[nodiscard]] std::optional<base::MonoTime> next_deadline() const;

 private:
  using Network = base::IpAddress;  // an IPv4 /24, an IPv6 /56
  struct Session {
    Network network;
    base::MonoTime started;
    base::MonoTime due;
  };
  using Unsettled = std::set<SessionId>;
  struct Rank {
    std::size_t sessions = 0;
    SessionId oldest = 0;
    Network network;
    bool operator<(const Rank& other) const;  // who is displaced first comes first
  };

  [[nodiscard]] static Network network_of(base::IpAddress client);
  [[nodiscard]] static Rank rank_of(const Network& network, const Unsettled& sessions);
  template <class Change>
  void change(const Network& network, Change how);

  std::size_t slots_;
  SessionId last_id_ = 0;
  std::map<SessionId, Session> sessions_;
  std::map<Network, Unsettled> networks_;
  std::set<Rank> ranks_;                                   // one per network
  std::set<std::pair<base::MonoTime, SessionId>> by_due_;  // all sessions
};

}  // namespace gnomon::ntske
