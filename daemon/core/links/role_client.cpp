// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/role_client.hpp"

#include <sys/socket.h>

#include "base/secret.hpp"

namespace gnomon::core {

namespace {

// Keeps a registration for as long as the coroutine that made it waits.
template <class Remove>
class Registration {
 public:
  explicit Registration(Remove remove) : remove_(std::move(remove)) {}
  ~Registration() { remove_(); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  Remove remove_;
};

}  // namespace

Reply::~Reply() {
  base::wipe(datagram_);
}

RoleClient::RoleClient(TaskGroup& tasks, ipc::Link link, Handlers handlers)
    : tasks_(tasks), link_(link), handlers_(std::move(handlers)) {}

void RoleClient::connect(base::Fd channel) {
  Socket socket{tasks_.io(), asio::generic::seq_packet_protocol{AF_UNIX, 0}, channel.release()};
  tasks_.spawn("role client", read_loop(std::move(socket)));
}

void RoleClient::drop_connection() {
  if (!connected()) return;
  connection_->socket.close();
  connection_ = nullptr;
  for (auto& [id, pending] : pending_) {
    pending->lost = true;
    pending->timer.cancel();
  }
}

void RoleClient::disconnect(const std::string& why) {
  if (!connected()) return;
  drop_connection();
  if (handlers_.on_disconnect) handlers_.on_disconnect(why);
}

asio::awaitable<void> RoleClient::read_loop(Socket socket) {
  Connection connection{.socket = std::move(socket), .buffer = base::Buffer(ipc::max_frame_size + 1)};
  drop_connection();  // a new process takes the old one's place
  connection_ = &connection;
  for (auto* timer : waiting_for_connection_) timer->cancel();
  std::string why = "it closed its channel";
  while (connection_ == &connection) {
    asio::socket_base::message_flags flags = 0;
    const auto [error, size] =
        co_await connection.socket.async_receive(asio::buffer(connection.buffer), flags, tok);
    if (connection_ != &connection) co_return;
    if (error == asio::error::operation_aborted) {  // the core stops
      connection_ = nullptr;
      co_return;
    }
    if (error || size == 0) break;
    const bool good = take(base::Bytes{connection.buffer}.first(size));
    base::wipe(base::MutableBytes{connection.buffer}.first(size));
    if (!good) {
      why = "it sent a forbidden message";
      break;
    }
  }
  if (connection_ == &connection) disconnect(why);
}

bool RoleClient::take(base::Bytes datagram) {
  const auto frame = ipc::parse_frame(datagram);
  if (!frame || !ipc::is_legal(frame->type, link_, ipc::Sender::helper)) return false;
  if (frame->request_id == 0) return handlers_.on_event && handlers_.on_event(*frame);
  const auto pending = pending_.find(frame->request_id);
  if (pending == pending_.end()) {
    if (handlers_.on_late) handlers_.on_late(*frame);
    return true;
  }
  pending->second->reply.emplace(base::Buffer{datagram.begin(), datagram.end()});
  pending->second->timer.cancel();
  return true;
}

asio::awaitable<bool> RoleClient::wait_for_connection(base::Duration timeout) {
  if (connected()) co_return true;
  asio::steady_timer timer{tasks_.io(), timeout};
  waiting_for_connection_.insert(&timer);
  const Registration registration{[this, &timer] { waiting_for_connection_.erase(&timer); }};
  [[maybe_unused]] const auto [early] = co_await timer.async_wait(tok);
  co_return connected();
}

asio::awaitable<std::expected<Reply, RequestError>> RoleClient::attempt(const base::Buffer& datagram,
                                                                        std::uint32_t id,
                                                                        base::Duration timeout) {
  Pending pending{.timer = asio::steady_timer{tasks_.io(), timeout}, .reply = {}};
  pending_[id] = &pending;
  const Registration registration{[this, id] { pending_.erase(id); }};
  const auto [error, size] = co_await connection_->socket.async_send(asio::buffer(datagram), 0, tok);
  if (error || size != datagram.size()) co_return std::unexpected(RequestError::disconnected);
  if (!pending.reply && !pending.lost) {
    [[maybe_unused]] const auto [early] = co_await pending.timer.async_wait(tok);
  }
  if (pending.reply) co_return std::move(*pending.reply);
  co_return std::unexpected(pending.lost ? RequestError::disconnected : RequestError::timeout);
}

asio::awaitable<std::expected<Reply, RequestError>> RoleClient::exchange(base::Buffer datagram,
                                                                         std::uint32_t id, Timeout timeout) {
  for (int tries = 0; tries < 2; ++tries) {
    const bool there = co_await wait_for_connection(timeout.connection);
    if (!there) break;
    auto outcome = co_await attempt(datagram, id, timeout.reply);
    if (outcome || outcome.error() != RequestError::disconnected) co_return outcome;
  }
  co_return std::unexpected(RequestError::disconnected);
}

}  // namespace gnomon::core
