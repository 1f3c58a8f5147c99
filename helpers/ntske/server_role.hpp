// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS-KE server: accepts, limits, runs the sessions, asks the core for cookies. One per process.
#pragma once

#include <chrono>
#include <list>
#include <optional>

#include "base/access.hpp"
#include "base/rate_limiter.hpp"
#include "helpers/asio/asio.hpp"
#include "helpers/ntske/cookie_orders.hpp"
#include "helpers/ntske/core_link.hpp"
#include "helpers/ntske/server_certificates.hpp"
#include "helpers/ntske/server_session.hpp"
#include "helpers/ntske/session_group.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ntske {

// From accept to the last octet. A client that trickles does not get more.
inline constexpr std::chrono::seconds server_session_limit{2};

class ServerRole {
 public:
  // Takes the channel to the core and the listeners named in `setup` over.
  ServerRole(const asio::any_io_executor& executor, int channel_fd, const ipc::KeServerSetup& setup,
             ServerCertificates certificates);

  // Until the core closes the channel or breaks the protocol; no session is left then.
  [[nodiscard]] asio::awaitable<LinkEnd> run();

 private:
  [[nodiscard]] asio::awaitable<LinkEnd> answer_core();
  [[nodiscard]] asio::awaitable<void> accept_from(asio::ip::tcp::acceptor& listener);
  void begin(asio::ip::tcp::socket socket);
  [[nodiscard]] std::optional<ipc::SessionEnd> refusal(const base::Endpoint& client);
  [[nodiscard]] asio::awaitable<void> session(asio::ip::tcp::socket socket, base::Endpoint client);
  [[nodiscard]] asio::awaitable<void> report(base::Endpoint client, ipc::SessionEnd how);

  asio::any_io_executor executor_;
  CoreLink link_;
  CookieOrders orders_;
  ServerCertificates certificates_;
  ServerOffer offer_;
  base::AccessTable access_;
  base::RateLimiter rate_;
  std::size_t max_sessions_;
  std::list<asio::ip::tcp::acceptor> listeners_;
  SessionGroup acceptors_;
  SessionGroup sessions_;
  SessionGroup reports_;  // of refused connections
};

}  // namespace gnomon::ntske
