// SPDX-License-Identifier: GPL-2.0-or-later
// Names to addresses by gnomon-resolve; literal addresses are answered in place.
#pragma once

#include <string>
#include <vector>

#include "base/address.hpp"
#include "daemon/core/role_client.hpp"

namespace gnomon::core {

class ResolveClient {
 public:
  ResolveClient(TaskGroup& tasks, std::function<void(const std::string&)> on_disconnect);
  void connect(base::Fd channel) { role_.connect(std::move(channel)); }
  // Empty: failed, or nothing of that family.
  [[nodiscard]] asio::awaitable<std::vector<base::IpAddress>> resolve(std::string name,
                                                                      base::AddressFamily family);

 private:
  RoleClient role_;
};

}  // namespace gnomon::core
