// SPDX-License-Identifier: GPL-2.0-or-later
#include "helpers/ntske/link/core_link.hpp"

#include <sys/socket.h>

#include <utility>

#include "base/secret.hpp"

namespace gnomon::ntske {
namespace {

// Wipes on every way out, also when the sender is cancelled.
struct WipedAfterwards {
  base::Buffer bytes;
  explicit WipedAfterwards(base::Buffer datagram) : bytes(std::move(datagram)) {}
  ~WipedAfterwards() { base::wipe(bytes); }
  WipedAfterwards(const WipedAfterwards&) = delete;
  WipedAfterwards& operator=(const WipedAfterwards&) = delete;
};

}  // namespace

CoreLink::CoreLink(const asio::any_io_executor& executor, int fd, ipc::Link link)
    : socket_(executor, asio::generic::seq_packet_protocol(AF_UNIX, 0), fd),
      link_(link),
      received_(ipc::max_frame_size + 1) {}

asio::awaitable<std::expected<ipc::Frame, LinkEnd>> CoreLink::receive() {
  asio::socket_base::message_flags flags = 0;
  base::wipe(base::MutableBytes{received_}.first(last_size_));
  last_size_ = 0;
  const auto [ec, size] = co_await socket_.async_receive(asio::buffer(received_), flags, tok);
  // Asio calls an end of file on a datagram socket an empty datagram; there are no others.
  if (ec || size == 0) co_return std::unexpected(LinkEnd::closed);
  last_size_ = size;
  const auto frame = ipc::parse_frame(base::Bytes{received_}.first(size));
  if (!frame || !ipc::is_legal(frame->type, link_, ipc::Sender::core))
    co_return std::unexpected(LinkEnd::bad_frame);
  co_return *frame;
}

asio::awaitable<void> CoreLink::send(base::Buffer datagram) {
  const WipedAfterwards wiped{std::move(datagram)};
  const auto [ec, sent] = co_await socket_.async_send(asio::buffer(wiped.bytes), 0, tok);
  static_cast<void>(ec);
  static_cast<void>(sent);
}

}  // namespace gnomon::ntske
