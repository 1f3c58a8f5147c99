// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/connection_table.hpp"

#include <algorithm>

namespace gnomon::metrics {

ConnectionTable::Admission ConnectionTable::admit(const base::IpAddress& client) {
  Admission admission{.id = ++last_id_, .displaced = {}};
  if (connections_.size() >= most_) {
    admission.displaced = victim();
    remove(*admission.displaced);
  }
  connections_.emplace(admission.id, client);
  ++of_client_[client];
  return admission;
}

void ConnectionTable::remove(ConnectionId id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const auto client = of_client_.find(found->second);
  if (--client->second == 0) of_client_.erase(client);
  connections_.erase(found);
}

// The table is short: it is looked through.
ConnectionId ConnectionTable::victim() const {
  const auto most = std::ranges::max_element(of_client_, {}, [](const auto& each) { return each.second; });
  return std::ranges::find_if(connections_,
                              [&](const auto& each) { return of_client_.at(each.second) == most->second; })
      ->first;
}

}  // namespace gnomon::metrics
