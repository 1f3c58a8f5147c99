// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/server/session_table.hpp"

#include <algorithm>
#include <tuple>

namespace gnomon::ntske {

bool SessionTable::Rank::operator<(const Rank& other) const {
  return std::tie(other.sessions, oldest) < std::tie(sessions, other.oldest);
}

SessionTable::Network SessionTable::network_of(base::IpAddress client) {
  const std::ptrdiff_t kept = client.family == base::AddressFamily::ipv6 ? 7 : 3;
  std::fill(client.octets.begin() + kept, client.octets.end(), std::uint8_t{0});
  client.scope = 0;
  return client;
}

SessionTable::Rank SessionTable::rank_of(const Network& network, const Unsettled& sessions) {
  return {.sessions = sessions.size(), .oldest = *sessions.begin(), .network = network};
}

template <class Change>
void SessionTable::change(const Network& network, Change how) {
  auto& unsettled = networks_[network];
  if (!unsettled.empty()) ranks_.erase(rank_of(network, unsettled));
  how(unsettled);
  if (unsettled.empty())
    networks_.erase(network);
  else
    ranks_.insert(rank_of(network, unsettled));
}

SessionTable::Slot SessionTable::free_slot(base::MonoTime now) const {
  if (sessions_.size() < slots_) return {};
  // All of them wait for the core, which is a matter of milliseconds.
  if (ranks_.empty()) return {.displace = {}, .ask_again = now + early_timeout};
  const auto& first = *ranks_.begin();
  const auto may_go =
      sessions_.at(first.oldest).started + (first.sessions > 1 ? early_timeout : late_timeout);
  if (may_go > now) return {.displace = {}, .ask_again = may_go};
  return {.displace = first.oldest, .ask_again = {}};
}

SessionId SessionTable::admit(const base::IpAddress& client, base::MonoTime now) {
  const auto id = ++last_id_;
  const Session session{.network = network_of(client), .started = now, .due = now + session_limit};
  sessions_.emplace(id, session);
  by_due_.emplace(session.due, id);
  change(session.network, [id](Unsettled& unsettled) { unsettled.insert(id); });
  return id;
}

void SessionTable::settle(SessionId id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end())
    change(found->second.network, [id](Unsettled& unsettled) { unsettled.erase(id); });
}

void SessionTable::unsettle(SessionId id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end())
    change(found->second.network, [id](Unsettled& unsettled) { unsettled.insert(id); });
}

void SessionTable::remove(SessionId id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  settle(id);
  by_due_.erase({found->second.due, id});
  sessions_.erase(found);
}

std::optional<SessionId> SessionTable::take_late(base::MonoTime now) {
  if (by_due_.empty() || by_due_.begin()->first > now) return std::nullopt;
  const auto id = by_due_.begin()->second;
  by_due_.erase(by_due_.begin());
  auto& session = sessions_.at(id);
  session.due = now + session_limit;
  by_due_.emplace(session.due, id);
  return id;
}

std::optional<base::MonoTime> SessionTable::next_deadline() const {
  if (by_due_.empty()) return std::nullopt;
  return by_due_.begin()->first;
}

}  // namespace gnomon::ntske
