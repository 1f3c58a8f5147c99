// SPDX-License-Identifier: GPL-2.0-or-later
// The role's end of the socketpair to the core, as awaitables: one datagram is one frame. Owned by the role.
#pragma once

#include <cstdint>
#include <expected>

#include "async/asio.hpp"
#include "base/bytes.hpp"
#include "ipc/frame.hpp"

namespace gnomon::ntske {

// Why a role is over, as its exit status: the core left, or it said something it may not say.
enum class LinkEnd : std::uint8_t { closed = 0, bad_frame = 4 };

class CoreLink {
 public:
  // Takes `fd` over.
  CoreLink(const asio::any_io_executor& executor, int fd, ipc::Link link);

  // The next frame that is legal from the core; its body is a view that the next receive() overwrites.
  [[nodiscard]] asio::awaitable<std::expected<ipc::Frame, LinkEnd>> receive();
  // Waits while the core is behind. The datagram is wiped afterwards: it may hold keys. That the core is gone
  // shows in receive().
  [[nodiscard]] asio::awaitable<void> send(base::Buffer datagram);
  // As if the core had: receive() says so.
  void close() { socket_.close(); }

 private:
  asio::generic::seq_packet_protocol::socket socket_;
  ipc::Link link_;
  base::Buffer received_;
  std::size_t last_size_ = 0;
};

}  // namespace gnomon::ntske
