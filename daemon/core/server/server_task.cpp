// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/server/server_task.hpp"

namespace gnomon::core {

namespace {

// Watches a socket that stays the worker's.
class Watch {
 public:
  Watch(asio::io_context& io, int socket) : descriptor_(io, socket) {}
  ~Watch() { descriptor_.release(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  [[nodiscard]] auto readable() {
    return descriptor_.async_wait(asio::posix::descriptor_base::wait_read, tok);
  }

 private:
  asio::posix::stream_descriptor descriptor_;
};

}  // namespace

asio::awaitable<void> serve_here(asio::io_context& io, ServerWorker& worker) {
  Watch watch{io, worker.socket()};
  while (true) {
    const auto [error] = co_await watch.readable();
    if (error) co_return;
    worker.serve_pending();
  }
}

}  // namespace gnomon::core
