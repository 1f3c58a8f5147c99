// SPDX-License-Identifier: GPL-2.0-or-later
// The NTS-KE server: accepts, limits, runs the sessions, asks the core for cookies. One per process.
#pragma once

#include <list>
#include <optional>
#include <set>

#include "async/channel.hpp"
#include "async/task_group.hpp"
#include "base/access.hpp"
#include "base/os/log.hpp"
#include "base/rate_limiter.hpp"
#include "helpers/ntske/server/cookie_requests.hpp"
#include "helpers/ntske/server/server_certificates.hpp"
#include "helpers/ntske/server/server_session.hpp"
#include "helpers/ntske/server/session_table.hpp"
#include "helpers/ntske/server/session_tally.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::ntske {

class ServerRole {
 public:
  // Takes the channel to the core and the listeners named in `setup` over. Without certificates
  // each connection is accepted and closed at once.
  ServerRole(async::Loop& loop, base::Fd channel, const ipc::KeServerSetup& setup,
             std::optional<ServerCertificates> certificates, base::Log& log);

  // Tells the core the certificates, then serves until the core closes the channel, breaks the protocol, or
  // has had it retired; no session is left then.
  [[nodiscard]] asio::awaitable<async::ChannelEnd> run();

 private:
  [[nodiscard]] asio::awaitable<void> tell_certificates();
  [[nodiscard]] asio::awaitable<async::ChannelEnd> answer_core();
  [[nodiscard]] bool answer_with(const ipc::Frame& frame);
  void retire();
  [[nodiscard]] bool learn_access(const ipc::Frame& frame);
  [[nodiscard]] asio::awaitable<void> leave();
  [[nodiscard]] asio::awaitable<void> accept_from(asio::ip::tcp::acceptor& listener);
  [[nodiscard]] asio::awaitable<void> pause_accepting(boost::system::error_code why);
  [[nodiscard]] asio::awaitable<void> free_slot();
  [[nodiscard]] bool admits(const base::Endpoint& client);
  [[nodiscard]] asio::awaitable<void> session(asio::ip::tcp::socket socket, base::Endpoint client,
                                              SessionId id);
  [[nodiscard]] asio::awaitable<void> converse(asio::ip::tcp::socket socket, base::Endpoint client,
                                               SessionId id);
  [[nodiscard]] asio::awaitable<void> talk(asio::ip::tcp::socket socket, base::Endpoint client, SessionId id);
  [[nodiscard]] asio::awaitable<void> cancel_late_sessions();
  void report_end(const base::Endpoint& client, SessionId id, ipc::SessionEnd how);
  void report(const base::Endpoint& client, ipc::SessionEnd how);
  [[nodiscard]] asio::awaitable<void> tell_core();

  async::Loop& loop_;
  base::Log& log_;
  async::Channel core_;
  CookieRequests cookies_;
  std::optional<ServerCertificates> certificates_;
  ServerOffer offer_;
  base::AccessTable access_;
  base::RateLimiter rate_;  // of new connections
  SessionTable table_;
  std::set<SessionId> displaced_;
  SessionTally tally_;
  bool telling_ = false;
  bool retired_ = false;
  std::list<asio::ip::tcp::acceptor> listeners_;
  std::list<async::Timer*> waiting_for_slot_;  // each lives in a frame of free_slot()
  async::Timer next_deadline_;                 // of a session
  bool awaits_deadline_ = false;               // no later than any session's
  async::TaskGroup tasks_;                     // all but sessions
  async::TaskGroup sessions_;
};

}  // namespace gnomon::ntske
