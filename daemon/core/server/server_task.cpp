// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/server_task.hpp"

#include "async/socket_watch.hpp"

namespace gnomon::core {

asio::awaitable<void> serve_here(asio::io_context& io, ServerWorker& worker) {
  async::SocketWatch watch{io, worker.socket()};
  while (true) {
    const auto [error] = co_await watch.readable();
    if (error) co_return;
    worker.serve_pending();
  }
}

}  // namespace gnomon::core
