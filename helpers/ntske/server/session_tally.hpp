// SPDX-License-Identifier: GPL-2.0-or-later
// How sessions ended, until the core is told: many at a time, so that neither a busy server nor a flood
// causes a message for each. Owned by the server role.
#pragma once

#include <map>

#include "ipc/ntske_messages.hpp"

namespace gnomon::ntske {

class SessionTally {
 public:
  void add(const base::Endpoint& client, ipc::SessionEnd how);
  [[nodiscard]] bool empty() const { return ended_.empty(); }
  // What is to be told; it is forgotten here.
  [[nodiscard]] ipc::SessionsEnded take();

 private:
  struct Key {
    base::IpAddress client;
    ipc::SessionEnd how{};
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Count {
    std::uint16_t port = 0;
    std::uint32_t count = 0;
  };
  std::map<Key, Count> ended_;
};

}  // namespace gnomon::ntske
