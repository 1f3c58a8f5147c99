// SPDX-License-Identifier: GPL-2.0-or-later
// Coroutines running beside their owner, none of which outlives it: the owner drains the group before it
// ends.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "async/asio.hpp"

namespace gnomon::ntske {

class SessionGroup {
 public:
  explicit SessionGroup(const asio::any_io_executor& executor);

  // Starts it. An exception of the coroutine ends the program: sessions report failures as values. `id`: by
  // which cut() knows it; of one group either all have one or none.
  void spawn(asio::awaitable<void> session, std::uint64_t id);
  void spawn(asio::awaitable<void> session) { spawn(std::move(session), ++last_id_); }
  // Cancels what it waits for; if it goes on, it may be cut again.
  void cut(std::uint64_t id);
  [[nodiscard]] std::size_t size() const { return running_.size(); }
  // One waits at a time.
  [[nodiscard]] asio::awaitable<void> wait_until_empty();
  // Cancels all and waits until the last one is gone.
  [[nodiscard]] asio::awaitable<void> drain();

 private:
  void ended(std::uint64_t id);

  asio::any_io_executor executor_;
  asio::steady_timer last_one_left_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, asio::cancellation_signal> running_;
};

}  // namespace gnomon::ntske
