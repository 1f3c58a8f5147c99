// SPDX-License-Identifier: GPL-2.0-or-later
#include "async/channel.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/os/channel.hpp"
#include "base/secret.hpp"

namespace gnomon::async {

namespace {

using Kind = ChannelEnd::Kind;

// Wipes on every way out, also when the sender is cancelled.
struct WipedAfterwards {
  explicit WipedAfterwards(base::Buffer datagram) : octets(std::move(datagram)) {}
  ~WipedAfterwards() { base::wipe(octets); }
  WipedAfterwards(const WipedAfterwards&) = delete;
  WipedAfterwards& operator=(const WipedAfterwards&) = delete;
  base::Buffer octets;
};

ChannelEnd end_of(const base::OsError& error) {
  // The other end has left without reading all that was sent to it.
  if (error.code == ECONNRESET) return {Kind::closed};
  const bool no_datagram_of_ours = error.code == EMSGSIZE || error.code == EBADMSG;
  return {no_datagram_of_ours ? Kind::illegal_frame : Kind::broken, error};
}

}  // namespace

Channel::Channel(asio::io_context& io, base::Fd end, ipc::Link link, ipc::Sender other_end)
    : socket_(io, asio::generic::seq_packet_protocol{AF_UNIX, 0}, end.release()),
      link_(link),
      other_end_(other_end),
      received_(ipc::max_frame_size) {
  socket_.native_non_blocking(true);
}

Channel::~Channel() {
  wipe_received();
}

void Channel::wipe_received() {
  base::wipe(base::MutableBytes{received_}.first(std::exchange(received_size_, 0)));
}

// Waits before each datagram, one being there or not: who sends many at once does not keep others from
// running.
asio::awaitable<std::expected<Channel::Received, ChannelEnd>> Channel::receive() {
  wipe_received();
  while (true) {
    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, tok);
    if (error) co_return std::unexpected(ChannelEnd{Kind::closed_here});
    auto received = base::receive_datagram(socket_.native_handle(), received_);
    if (!received && received.error().code == EAGAIN) continue;
    if (!received) co_return std::unexpected(end_of(received.error()));
    if (received->size == 0) co_return std::unexpected(ChannelEnd{Kind::closed});
    received_size_ = received->size;
    const auto frame = ipc::parse_frame(base::Bytes{received_}.first(received_size_));
    if (!frame || !ipc::is_legal(frame->type, link_, other_end_))
      co_return std::unexpected(ChannelEnd{Kind::illegal_frame});
    co_return Received{*frame, std::move(received->descriptor)};
  }
}

// The channel may be gone when the wait is over.
asio::awaitable<bool> Channel::send(base::Buffer datagram) {
  const WipedAfterwards wiped{std::move(datagram)};
  // As a rule there is room, and nobody else need run before this one goes on.
  if (base::send_datagram_at_once(socket_.native_handle(), wiped.octets)) co_return true;
  const auto [error, sent] = co_await socket_.async_send(asio::buffer(wiped.octets), 0, tok);
  co_return !error && sent == wiped.octets.size();
}

base::OsResult<void> Channel::send_at_once(base::Buffer datagram) {
  const WipedAfterwards wiped{std::move(datagram)};
  return base::send_datagram_at_once(socket_.native_handle(), wiped.octets);
}

}  // namespace gnomon::async
