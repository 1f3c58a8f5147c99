// SPDX-License-Identifier: GPL-2.0-or-later
// Which connections there are, and which one is displaced when one more comes: decisions without sockets.
// Owned by the role.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/address.hpp"

namespace gnomon::metrics {

using ConnectionId = std::uint64_t;  // rises with the time of its beginning

class ConnectionTable {
 public:
  explicit ConnectionTable(std::size_t most) : most_(most) {}

  struct Admission {
    ConnectionId id = 0;
    std::optional<ConnectionId> displaced;  // is not in the table any more, and is to be ended
  };
  // The victim is the oldest connection of the client with the most of them: who has one loses it only when
  // nobody has more. A client without an address came over a Unix socket.
  [[nodiscard]] Admission admit(const base::IpAddress& client);
  void remove(ConnectionId id);
  [[nodiscard]] std::size_t size() const { return connections_.size(); }

 private:
  [[nodiscard]] ConnectionId victim() const;

  std::size_t most_;
  ConnectionId last_id_ = 0;
  std::map<ConnectionId, base::IpAddress> connections_;
  std::map<base::IpAddress, std::size_t> of_client_;
};

}  // namespace gnomon::metrics
