// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/server.hpp"

#include <sys/socket.h>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>

namespace gnomon::core::control {

namespace {

using namespace asio::experimental::awaitable_operators;

}  // namespace

ControlServer::ControlServer(TaskGroup& tasks, base::Fd listener, std::vector<uid_t> operators,
                             Reporter& reporter)
    : tasks_(tasks),
      acceptor_(tasks.io(), Protocol{}, listener.release()),
      operators_(std::move(operators)),
      reporter_(reporter) {}

void ControlServer::start() {
  tasks_.spawn("control listener", accept_loop());
}

asio::awaitable<void> ControlServer::accept_loop() {
  asio::steady_timer pause{tasks_.io()};
  while (true) {
    auto [error, socket] = co_await acceptor_.async_accept(tok);
    if (error) {
      // Out of descriptors or memory: some connection will end.
      pause.expires_after(std::chrono::milliseconds{100});
      co_await pause.async_wait(tok);
    } else if (const auto right = right_of(socket); !has_room(connections_, right)) {
      ++drops_;
    } else {
      tasks_.spawn("control connection", serve(std::move(socket), right));
    }
  }
}

Right ControlServer::right_of(Socket& socket) const {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return Right::observe;
  const bool may = peer.uid == 0 || std::ranges::find(operators_, peer.uid) != operators_.end();
  return may ? Right::operate : Right::observe;
}

asio::awaitable<void> ControlServer::serve(Socket socket, Right right) {
  struct Count {
    explicit Count(int& connections) : value(connections) { ++value; }
    ~Count() { --value; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;
    int& value;
  };
  const Count count{connections_};
  co_await converse(socket, right);
}

asio::awaitable<void> ControlServer::converse(Socket& socket, Right right) {
  MessageSplitter splitter;
  std::array<std::uint8_t, 8192> buffer{};
  asio::steady_timer timer{tasks_.io()};
  while (true) {
    timer.expires_after(idle_limit);
    const auto outcome =
        co_await (socket.async_read_some(asio::buffer(buffer), tok) || timer.async_wait(tok));
    if (outcome.index() == 1) co_return;
    const auto [error, size] = std::get<0>(outcome);
    if (error) co_return;
    if (!splitter.add(base::Bytes{buffer}.first(size))) {
      ++drops_;
      co_return;
    }
    while (const auto message = splitter.next()) {
      auto made = answer(*message, right, reporter_);
      ++(made.refused ? drops_ : hits_);
      const bool sent = co_await send(socket, std::move(made.text));
      if (made.then == AfterReply::shut_down) reporter_.shut_down();
      if (!sent || made.then != AfterReply::go_on) co_return;
    }
  }
}

asio::awaitable<bool> ControlServer::send(Socket& socket, std::string text) {
  if (text.empty()) co_return true;
  asio::steady_timer timer{tasks_.io(), idle_limit};
  const auto outcome = co_await (asio::async_write(socket, asio::buffer(text), tok) || timer.async_wait(tok));
  if (outcome.index() == 1) co_return false;
  const auto [error, size] = std::get<0>(outcome);
  co_return !error && size == text.size();
}

}  // namespace gnomon::core::control
