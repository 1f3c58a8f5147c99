// SPDX-License-Identifier: GPL-2.0-or-later
// Coroutines running beside their owner, none of which outlives it: the owner drains the group before it
// ends.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <cstddef>
#include <list>

#include "helpers/asio/asio.hpp"

namespace gnomon::ntske {

class SessionGroup {
 public:
  explicit SessionGroup(const asio::any_io_executor& executor);

  // Starts it. An exception of the coroutine ends the program: sessions report failures as values.
  void spawn(asio::awaitable<void> session);
  [[nodiscard]] std::size_t size() const { return running_.size(); }
  // Cancels all and waits until the last one is gone.
  [[nodiscard]] asio::awaitable<void> drain();

 private:
  using Running = std::list<asio::cancellation_signal>;
  void ended(Running::iterator session);

  asio::any_io_executor executor_;
  asio::steady_timer last_one_left_;
  Running running_;
};

}  // namespace gnomon::ntske
