// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/links/role_client.hpp"

#include <algorithm>
#include <utility>

#include "base/secret.hpp"

namespace gnomon::core {

using namespace asio::experimental::awaitable_operators;

Reply::~Reply() {
  base::wipe(body_);
}

RoleClient::RoleClient(async::TaskGroup& tasks, ipc::Link link, Handlers handlers)
    : tasks_(tasks),
      link_(link),
      handlers_(std::move(handlers)),
      idle_(tasks.loop()),
      rests_(handlers_.on_wanted != nullptr) {}

void RoleClient::connect(base::Fd channel) {
  tasks_.spawn("role client", read_loop(std::move(channel)));
  if (handlers_.on_idle && idle_from_ == base::MonoTime{}) tasks_.spawn("idle role", release_when_idle());
  stay_for(role_idle_limit);
}

void RoleClient::stay_for(base::Duration duration) {
  idle_from_ = std::max(idle_from_, tasks_.now().mono + duration);
}

asio::awaitable<void> RoleClient::release_when_idle() {
  while (true) {
    const auto look_again = exchanges_ > 0 ? tasks_.now().mono + role_idle_limit : idle_from_;
    idle_.expires_at(connected() ? look_again : base::MonoTime::max());
    co_await async::wait_for(idle_);
    if (!connected() || exchanges_ > 0 || tasks_.now().mono < idle_from_) continue;
    rests_ = true;
    handlers_.on_idle();
    drop_connection();
  }
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
  rests_ = false;
  idle_.wake();
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
  if (handlers_.on_wanted) handlers_.on_wanted();
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

// As long as a request is under way nobody is idle.
RoleClient::Busy::Busy(RoleClient& role) : role_(role) {
  ++role_.exchanges_;
}

RoleClient::Busy::~Busy() {
  --role_.exchanges_;
  role_.stay_for(role_idle_limit);
}

asio::awaitable<std::expected<Reply, RequestError>> RoleClient::exchange(base::Buffer datagram,
                                                                         std::uint32_t id, Timeout timeout) {
  const Busy busy{*this};
  for (int tries = 0; tries < 2; ++tries) {
    const bool there = co_await wait_for_connection(timeout.connection);
    if (!there) break;
    auto outcome = co_await attempt(datagram, id, timeout.reply);
    if (outcome || outcome.error() != RequestError::disconnected) co_return outcome;
  }
  co_return std::unexpected(RequestError::disconnected);
}

}  // namespace gnomon::core
