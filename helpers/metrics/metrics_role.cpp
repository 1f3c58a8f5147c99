// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/metrics/metrics_role.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/os/socket.hpp"

namespace gnomon::metrics {

namespace {

// When descriptors or memory are short, accept fails at once and would spin.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

MetricsRole::MetricsRole(async::Loop& loop, base::Fd channel, const ipc::MetricsSetup& setup)
    : loop_(loop),
      core_(loop.io(), std::move(channel), ipc::Link::metrics, ipc::Sender::core),
      text_(loop, core_),
      tasks_(loop),
      sessions_(loop) {
  for (const int listener : setup.listeners) listeners_.emplace_back(loop.io(), listener);
}

asio::awaitable<async::ChannelEnd> MetricsRole::run() {
  for (auto& listener : listeners_) tasks_.spawn("accept", accept_from(listener));
  const auto end = co_await hear_core();
  co_await tasks_.drain();
  co_await sessions_.drain();
  co_return end;
}

asio::awaitable<async::ChannelEnd> MetricsRole::hear_core() {
  while (true) {
    const auto received = co_await core_.receive();
    if (!received) co_return received.error();
    if (!text_.accept(received->frame)) co_return async::ChannelEnd{async::ChannelEnd::Kind::illegal_frame};
  }
}

asio::awaitable<void> MetricsRole::accept_from(asio::posix::stream_descriptor& listener) {
  while (true) {
    const auto [error] = co_await listener.async_wait(asio::posix::descriptor_base::wait_read, tok);
    if (error) co_return;
    base::SocketAddress client;
    const int connection =
        accept4(listener.native_handle(), client.get(), &client.size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0)
      admit(connection, base::to_endpoint(client).address, client.get()->sa_family);
    else if (errno != EAGAIN && errno != ECONNABORTED)
      co_await async::pause_for(loop_, accept_pause);
  }
}

void MetricsRole::admit(int connection, const base::IpAddress& client, int family) {
  const auto admission = table_.admit(client);
  if (admission.displaced) sessions_.cancel(*admission.displaced);
  Socket socket{loop_.io(), asio::generic::stream_protocol{family, 0}, connection};
  sessions_.spawn("connection", session(std::move(socket), admission.id), admission.id);
}

asio::awaitable<void> MetricsRole::session(Socket socket, ConnectionId id) {
  struct Seat {
    ConnectionTable& table;
    ConnectionId id;
    Seat(ConnectionTable& its_table, ConnectionId its_id) : table(its_table), id(its_id) {}
    ~Seat() { table.remove(id); }
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
  };
  const Seat seat{table_, id};
  co_await serve(socket, text_, loop_);
}

}  // namespace gnomon::metrics
