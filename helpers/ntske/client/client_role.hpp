// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS-KE client: one session per command from the core, several at a time. One per daemon.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "async/channel.hpp"
#include "async/task_group.hpp"
#include "helpers/ntske/tls/trust_store.hpp"
#include "ipc/ntske_messages.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ntske {

inline constexpr std::chrono::seconds client_session_limit{16};
inline constexpr std::size_t max_client_sessions = 32;

class ClientRole {
 public:
  // Takes the channel to the core over. `session_limit`: from the request to the end of the connection.
  ClientRole(async::Loop& loop, base::Fd channel, const ipc::KeClientSetup& setup, TrustStore trust,
             std::chrono::milliseconds session_limit = client_session_limit);

  // Called once, before the first session.
  void before_first_session(std::function<void()> action) { before_first_session_ = std::move(action); }

  // Until the core closes the channel or breaks the protocol; no session is left then.
  [[nodiscard]] asio::awaitable<async::ChannelEnd> run();

 private:
  [[nodiscard]] asio::awaitable<async::ChannelEnd> serve_requests();
  [[nodiscard]] asio::awaitable<void> session(std::uint32_t request_id, ipc::Establish request);
  [[nodiscard]] asio::awaitable<void> refuse(std::uint32_t request_id);
  [[nodiscard]] asio::awaitable<void> answer(std::uint32_t request_id,
                                             std::expected<protocol::NtsSession, protocol::KeFailure> result);

  async::Loop& loop_;
  async::Channel core_;
  TrustStore trust_;
  std::vector<base::IpAddress> bind_addresses_;
  std::chrono::milliseconds session_limit_;
  std::function<void()> before_first_session_;
  async::TaskGroup sessions_;
};

}  // namespace gnomon::ntske
