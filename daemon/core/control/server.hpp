// SPDX-License-Identifier: GPL-2.0-or-later
// The control socket: one coroutine per connection, rights by peer credentials, one piece of
// work at a time for each. Owned by the core.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <boost/asio/local/stream_protocol.hpp>

#include "async/task_group.hpp"
#include "base/os/fd.hpp"
#include "daemon/core/control/caller.hpp"
#include "daemon/core/control/guests.hpp"
#include "daemon/core/control/methods.hpp"

namespace gnomon::core::control {

inline constexpr int max_connections = 64;
// Guests cannot keep operators out.
inline constexpr int kept_for_operators = 8;
[[nodiscard]] constexpr bool has_room(int connections, Right right) {
  return connections < (right == Right::operate ? max_connections : max_connections - kept_for_operators);
}
inline constexpr auto idle_limit = std::chrono::seconds{60};

class ControlServer {
 public:
  // `listener`: a listening Unix stream socket.
  ControlServer(async::TaskGroup& tasks, base::Fd listener, Operators operators, Reporter& reporter);
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  void start();
  [[nodiscard]] std::uint64_t hits() const { return hits_; }
  [[nodiscard]] std::uint64_t drops() const { return drops_; }

 private:
  using Protocol = asio::local::stream_protocol;
  using Socket = Protocol::socket;
  struct Peer {
    Right right;
    uid_t user;
    std::optional<Guests::ConnectionId> guest{};
  };

  asio::awaitable<void> accept_loop();
  asio::awaitable<void> serve(Socket socket, Peer peer);
  asio::awaitable<void> converse(Socket& socket, Peer peer);
  asio::awaitable<bool> answer_all(Socket& socket, MessageSplitter& splitter, Peer peer);
  asio::awaitable<bool> answer_later(Socket& socket, const Answer& made);
  asio::awaitable<void> follow(Socket& socket, Peer peer, Following following);
  asio::awaitable<bool> wait_for_news(Socket& socket, async::Timer& news);
  asio::awaitable<void> wait_for_turn(Peer peer);
  asio::awaitable<bool> send(Socket& socket, std::string text);
  [[nodiscard]] Peer peer_of(Socket& socket) const;
  [[nodiscard]] bool admit(Peer& peer);
  void leave(const Peer& peer);
  void displace(Guests::ConnectionId id);

  async::TaskGroup& tasks_;
  Protocol::acceptor acceptor_;
  Operators operators_;
  Reporter& reporter_;
  Guests guests_;
  std::map<Guests::ConnectionId, Socket*> of_guests_;  // each in its serve(): to be closed when displaced
  ReplyMemory replies_;
  int connections_ = 0;
  std::uint64_t hits_ = 0;
  std::uint64_t drops_ = 0;
};

}  // namespace gnomon::core::control
