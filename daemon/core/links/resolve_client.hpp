// SPDX-License-Identifier: GPL-2.0-or-later
// Names to addresses by gnomon-resolve; literal addresses are answered in place.
#pragma once

#include <functional>
#include <string>

#include "base/address.hpp"
#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/links/role_client.hpp"

namespace gnomon::core {

class ResolveClient {
 public:
  struct Handlers {
    std::function<void(const std::string&)> on_disconnect{};
    // What names are resolved by has changed, and the resolver can read it: names that were not found may be
    // now.
    std::function<void()> on_files_changed{};
    // This name has addresses that no server can have: which and why, a clause. They are left out.
    std::function<void(const std::string& name, const std::string& which)> on_impossible{};
    std::function<void()> on_wanted{};  // see RoleClient
    std::function<void()> on_idle{};
  };
  ResolveClient(async::TaskGroup& tasks, Handlers handlers);
  void connect(base::Fd channel);
  [[nodiscard]] bool connected() const { return role_.connected(); }
  [[nodiscard]] bool rests() const { return role_.rests(); }
  // Addresses that a server can have.
  [[nodiscard]] asio::awaitable<engine::Resolved> resolve(std::string name, base::AddressFamily family);

 private:
  [[nodiscard]] engine::Resolved possible(const std::string& name, engine::Resolved resolved) const;

  Handlers handlers_;
  bool renewed_ = false;  // the resolver has said that it ends for another with other files
  RoleClient role_;
};

}  // namespace gnomon::core
