// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/control/server.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>

#include "async/loop.hpp"
#include "daemon/core/control/kept_methods.hpp"
#include "daemon/core/control/reload_methods.hpp"

namespace gnomon::core::control {

namespace {

using namespace asio::experimental::awaitable_operators;

}  // namespace

ControlServer::ControlServer(async::TaskGroup& tasks, base::Fd listener, Operators operators,
                             Reporter& reporter)
    : tasks_(tasks),
      acceptor_(tasks.io(), Protocol{}, listener.release()),
      operators_(operators),
      reporter_(reporter),
      replies_([&tasks] { return tasks.now().mono; }) {}

void ControlServer::start() {
  tasks_.spawn("control listener", accept_loop());
}

bool ControlServer::admit(Peer& peer) {
  const bool full = !has_room(connections_, peer.right);
  if (peer.right == Right::observe) {
    const auto admission = guests_.admit(peer.user, tasks_.now().mono, full);
    if (!admission) return false;
    peer.guest = admission->id;
    if (admission->displaced) displace(*admission->displaced);
  } else if (full) {
    return false;
  }
  ++connections_;
  return true;
}

// Whatever it waits for fails; leave() comes when it notices.
void ControlServer::displace(Guests::ConnectionId id) {
  const auto socket = of_guests_.find(id);
  if (socket == of_guests_.end()) return;
  boost::system::error_code ignored;
  socket->second->close(ignored);
}

void ControlServer::leave(const Peer& peer) {
  --connections_;
  if (!peer.guest) return;
  guests_.leave(*peer.guest);
  of_guests_.erase(*peer.guest);
}

asio::awaitable<void> ControlServer::accept_loop() {
  while (true) {
    auto [error, socket] = co_await acceptor_.async_accept(tok);
    if (error) {
      // Out of descriptors or memory: some connection will end.
      co_await async::pause_for(tasks_.loop(), std::chrono::milliseconds{100});
      continue;
    }
    auto peer = peer_of(socket);
    if (admit(peer))
      tasks_.spawn("control connection", serve(std::move(socket), peer));
    else
      ++drops_;
  }
}

ControlServer::Peer ControlServer::peer_of(Socket& socket) const {
  const auto caller = caller_of(socket.native_handle());
  if (!caller) return {Right::observe, static_cast<uid_t>(-1)};
  return {right_of(*caller, operators_), caller->user};
}

asio::awaitable<void> ControlServer::serve(Socket socket, Peer peer) {
  struct Seat {
    Seat(ControlServer& its_server, const Peer& its_peer) : server(its_server), peer(its_peer) {}
    ~Seat() { server.leave(peer); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    ControlServer& server;
    Peer peer;
  };
  const Seat seat{*this, peer};
  if (peer.guest) of_guests_[*peer.guest] = &socket;
  co_await converse(socket, peer);
}

// Everybody else's work comes between two pieces of one connection's.
asio::awaitable<void> ControlServer::wait_for_turn(Peer peer) {
  const auto now = tasks_.now().mono;
  const auto turn = peer.right == Right::observe ? guests_.take_turn(peer.user, now) : now;
  if (turn > now) co_return co_await async::pause_for(tasks_.loop(), turn - now);
  co_await asio::post(tasks_.io(), asio::use_awaitable);
}

asio::awaitable<void> ControlServer::converse(Socket& socket, Peer peer) {
  MessageSplitter splitter;
  std::array<std::uint8_t, 8192> buffer{};
  async::Timer timer{tasks_.loop()};
  bool goes_on = true;
  while (goes_on) {
    co_await wait_for_turn(peer);
    timer.expires_after(idle_limit);
    const auto outcome = co_await (socket.async_read_some(asio::buffer(buffer), tok) || timer.wait());
    if (outcome.index() == 1) co_return;
    const auto [error, size] = std::get<0>(outcome);
    if (error) co_return;
    if (!splitter.add(base::Bytes{buffer}.first(size))) {
      ++drops_;
      co_return;
    }
    goes_on = co_await answer_all(socket, splitter, peer);
  }
}

// What has come whole. False: the connection is to end.
asio::awaitable<bool> ControlServer::answer_all(Socket& socket, MessageSplitter& splitter, Peer peer) {
  while (const auto message = splitter.next()) {
    co_await wait_for_turn(peer);
    auto made = answer(*message, peer.right, reporter_, &replies_);
    ++(made.refused ? drops_ : hits_);
    if (made.then == AfterReply::reload || made.then == AfterReply::rekey) {
      const bool goes_on = co_await answer_later(socket, made);
      if (!goes_on) co_return false;
      continue;
    }
    const bool sent = co_await send(socket, std::move(made.text));
    if (made.then == AfterReply::shut_down) reporter_.shut_down();
    if (sent && made.then == AfterReply::follow) co_await follow(socket, peer, made.following);
    if (!sent || made.then != AfterReply::go_on) co_return false;
  }
  co_return true;
}

// Whoever has gone in the meantime is not told; the reload goes on.
asio::awaitable<bool> ControlServer::answer_later(Socket& socket, const Answer& made) {
  struct Outcome {
    explicit Outcome(async::Loop& loop) : news(loop) {}
    async::Timer news;
    std::string reply;
  };
  const auto outcome = std::make_shared<Outcome>(tasks_.loop());
  const auto tell = [there = std::weak_ptr{outcome}](std::string reply) {
    const auto waiting = there.lock();
    if (!waiting) return;
    waiting->reply = std::move(reply);
    waiting->news.wake();
  };
  if (made.then == AfterReply::rekey)
    reporter_.await_keys([tell](const std::string& wrong) { tell(rekey_reply(wrong)); });
  else
    reporter_.reload(made.dry_run, [tell](const ReloadResult& result) { tell(reload_reply(result)); });
  // As long as it takes: who waits for an answer is not idle.
  if (outcome->reply.empty()) static_cast<void>(co_await outcome->news.wait());
  replies_.clear();
  const bool sent = co_await send(socket, outcome->reply);
  co_return sent && !outcome->reply.empty();
}

// Each follower reads from the memory at its own pace: one that does not read costs nothing but its
// connection, and misses what the memory has no room for.
asio::awaitable<void> ControlServer::follow(Socket& socket, Peer peer, Following following) {
  auto& [kind, log, query, reader] = following;
  async::Timer news{tasks_.loop()};
  KeptLog::Follower follower{*log, [&news] { news.wake(); }};
  while (true) {
    while (has_news(query, *log)) {
      co_await wait_for_turn(peer);
      auto reply = kept_reply(*kind, query, *log, true);
      if (kind->forgets) log->forget(query.after);
      const bool sent = co_await send(socket, std::move(reply));
      if (!sent) co_return;
    }
    const bool goes_on = co_await wait_for_news(socket, news);
    if (!goes_on) co_return;
    if (kind->gather == base::Duration{}) continue;
    follower.set_waits(false);
    co_await async::pause_for(tasks_.loop(), kind->gather);
    follower.set_waits(true);
  }
}

// False: the other end has gone, or says something where it has nothing to say.
asio::awaitable<bool> ControlServer::wait_for_news(Socket& socket, async::Timer& news) {
  std::array<std::uint8_t, 1> nothing{};
  const auto outcome = co_await (socket.async_read_some(asio::buffer(nothing), tok) || news.wait());
  co_return outcome.index() == 1;
}

asio::awaitable<bool> ControlServer::send(Socket& socket, std::string text) {
  if (text.empty()) co_return true;
  async::Timer timer{tasks_.loop(), idle_limit};
  const auto outcome = co_await (asio::async_write(socket, asio::buffer(text), tok) || timer.wait());
  if (outcome.index() == 1) co_return false;
  const auto [error, size] = std::get<0>(outcome);
  co_return !error && size == text.size();
}

}  // namespace gnomon::core::control
