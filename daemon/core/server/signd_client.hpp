// SPDX-License-Identifier: GPL-2.0-or-later
// Has answers signed by Samba's ntp_signd and sends them to their clients, one after the other. Owned by the
// core, on its main thread; the connection is made by gnomond, so that the core can connect to nothing else.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include <cstdint>
#include <functional>
#include <optional>

#include "async/task_group.hpp"
#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "daemon/core/server/signing_queue.hpp"

namespace gnomon::core {

class SigndClient {
 public:
  // `ask_for_socket`: gnomond may then call use(), or not. The queue outlives this.
  SigndClient(async::TaskGroup& tasks, SigningQueue& queue, base::Log& log,
              std::function<void()> ask_for_socket);
  SigndClient(const SigndClient&) = delete;
  SigndClient& operator=(const SigndClient&) = delete;
  ~SigndClient();

  void start();
  // A fresh connection to ntp_signd.
  void use(base::Fd connection);

 private:
  using Socket = asio::generic::stream_protocol::socket;
  asio::awaitable<void> serve();
  asio::awaitable<bool> connected();
  asio::awaitable<bool> sign(const UnsignedAnswer& answer);
  // Whole, and within the time that a client waits. False: the connection is of no use any more.
  asio::awaitable<bool> send(base::Bytes octets);
  asio::awaitable<bool> receive(base::MutableBytes octets);

  async::TaskGroup& tasks_;
  SigningQueue& queue_;
  base::Log& log_;
  std::function<void()> ask_for_socket_;
  asio::posix::stream_descriptor event_;  // stays the queue's
  Socket socket_;
  async::Timer arrival_;  // of a connection
  std::uint16_t last_id_ = 0;
};

}  // namespace gnomon::core
