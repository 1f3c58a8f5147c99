// SPDX-License-Identifier: GPL-2.0-or-later
// Waits until a socket that stays its owner's can be read.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "async/asio.hpp"

namespace gnomon::async {

class SocketWatch {
 public:
  // The socket outlives it.
  SocketWatch(asio::io_context& io, int socket) : descriptor_(io, socket) {}
  ~SocketWatch() { descriptor_.release(); }
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;
  [[nodiscard]] auto readable() {
    return descriptor_.async_wait(asio::posix::descriptor_base::wait_read, tok);
  }

 private:
  asio::posix::stream_descriptor descriptor_;
};

}  // namespace gnomon::async
