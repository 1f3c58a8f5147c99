// SPDX-License-Identifier: GPL-2.0-or-later
// One end of the socketpair between two of our processes, as awaitables: one datagram is one frame
// (ipc/frame). What is received or sent is wiped afterwards, as it may hold keys.
#pragma once

#include <cstdint>
#include <expected>

#include "async/asio.hpp"
#include "base/bytes.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "ipc/frame.hpp"

namespace gnomon::async {

struct ChannelEnd {
  enum class Kind : std::uint8_t {
    closed,         // by the other end
    closed_here,    // by close(), or the task is cancelled
    broken,         // the system says why
    illegal_frame,  // no frame, or none that the other end may send
  };
  Kind kind{};
  base::OsError error{};
};

class Channel {
 public:
  // Takes the descriptor over. `other_end`: who sends what comes here.
  Channel(asio::io_context& io, base::Fd end, ipc::Link link, ipc::Sender other_end);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  struct Received {
    ipc::Frame frame;     // its body is a view until the next receive()
    base::Fd descriptor;  // that came along; mostly none
  };
  // The next frame that is legal from the other end.
  [[nodiscard]] asio::awaitable<std::expected<Received, ChannelEnd>> receive();
  // Waits while the other end is behind. False: it is gone, which shows in receive() too.
  [[nodiscard]] asio::awaitable<bool> send(base::Buffer datagram);
  // For who may not wait. An error: the other end is gone, or does not read.
  [[nodiscard]] base::OsResult<void> send_at_once(base::Buffer datagram);
  // A receive() under way ends.
  void close() { socket_.close(); }

 private:
  void wipe_received();

  asio::generic::seq_packet_protocol::socket socket_;
  ipc::Link link_;
  ipc::Sender other_end_;
  base::Buffer received_;
  std::size_t received_size_ = 0;
};

}  // namespace gnomon::async
