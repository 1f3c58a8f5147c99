// SPDX-License-Identifier: GPL-2.0-or-later
// NTS-KE sessions by the client role of gnomon-ntske: one command, then keys and cookies or the reason for
// the failure.
#pragma once

#include <expected>

#include "daemon/core/engine/association/association.hpp"
#include "daemon/core/links/role_client.hpp"

namespace gnomon::core {

class KeClient {
 public:
  KeClient(async::TaskGroup& tasks, RoleClient::Handlers handlers);
  void connect(base::Fd channel) { role_.connect(std::move(channel)); }
  [[nodiscard]] bool connected() const { return role_.connected(); }
  [[nodiscard]] bool rests() const { return role_.rests(); }
  [[nodiscard]] asio::awaitable<std::expected<protocol::NtsSession, protocol::KeFailure>> establish(
      engine::Establish wanted);

 private:
  async::TaskGroup& tasks_;
  RoleClient role_;
};

}  // namespace gnomon::core
