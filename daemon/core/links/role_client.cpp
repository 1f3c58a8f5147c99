// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/role_client.hpp"

#include <utility>

#include "base/secret.hpp"

namespace gnomon::core {

using namespace asio::experimental::awaitable_operators;

Reply::~Reply() {
  base::wipe(body_);
}

RoleClient::RoleClient(async::TaskGroup& tasks, ipc::Link link, Handlers handlers)
    : tasks_(tasks), link_(link), handlers_(std::move(handlers)) {}

void RoleClient::connect(base::Fd channel) {
  tasks_.spawn("role client", read_loop(std::move(channel)));
}

void RoleClient::drop_connection() {
  if (!connected()) return;
  std::exchange(channel_, nullptr)->close();
  pending_.lose_all();
}

void RoleClient::disconnect(const std::string& why) {
  if (!connected()) return;
  drop_connection();
  if (handlers_.on_disconnect) handlers_.on_disconnect(why);
}

asio::awaitable<void> RoleClient::read_loop(base::Fd end) {
  async::Channel channel{tasks_.io(), std::move(end), link_, ipc::Sender::helper};
  drop_connection();  // a new process takes the old one's place
  channel_ = &channel;
  for (auto* waiting : waiting_for_connection_) waiting->wake();
  using Kind = async::ChannelEnd::Kind;
  auto how = Kind::illegal_frame;
  while (true) {
    const auto received = co_await channel.receive();
    if (channel_ != &channel) co_return;
    if (received && accept(received->frame)) continue;
    if (!received) how = received.error().kind;
    break;
  }
  if (channel_ != &channel) co_return;
  if (how == Kind::closed_here)  // the core stops
    channel_ = nullptr;
  else
    disconnect(how == Kind::illegal_frame ? "it sent a forbidden message" : "it closed its channel");
}

bool RoleClient::accept(const ipc::Frame& frame) {
  const auto id = frame.request_id;
  if (id == 0) return handlers_.on_event && handlers_.on_event(frame);
  if (!pending_.fulfil(id, Reply{frame}) && handlers_.on_late) handlers_.on_late(frame);
  return true;
}

asio::awaitable<bool> RoleClient::wait_for_connection(base::Duration timeout) {
  if (connected()) co_return true;
  async::Timer timer{tasks_.loop(), timeout};
  // For as long as this coroutine waits, and no longer.
  struct Registration {
    std::set<async::Timer*>& all;
    async::Timer* mine;
    Registration(std::set<async::Timer*>& timers, async::Timer* timer) : all(timers), mine(timer) {
      all.insert(mine);
    }
    ~Registration() { all.erase(mine); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
  };
  const Registration registration{waiting_for_connection_, &timer};
  [[maybe_unused]] const bool in_vain = co_await timer.wait();
  co_return connected();
}

asio::awaitable<std::expected<Reply, RequestError>> RoleClient::attempt(const base::Buffer& datagram,
                                                                        std::uint32_t id,
                                                                        base::Duration timeout) {
  const auto started = tasks_.now().mono;
  async::PendingReplies<Reply>::Request request{pending_, tasks_.loop(), id};
  async::Timer limit{tasks_.loop(), timeout};
  auto copy = datagram;  // a second attempt sends it again
  // A role that does not read its channel lets it fill up.
  const auto sent = co_await (channel_->send(std::move(copy)) || limit.wait());
  if (sent.index() == 1) co_return std::unexpected(RequestError::timeout);
  if (!std::get<0>(sent)) co_return std::unexpected(RequestError::disconnected);
  auto reply = co_await request.reply(timeout - (tasks_.now().mono - started));
  if (reply) co_return std::move(*reply);
  co_return std::unexpected(request.lost() ? RequestError::disconnected : RequestError::timeout);
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
