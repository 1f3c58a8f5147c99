// SPDX-License-Identifier: GPL-2.0-or-later
// Has the messages told of that were left out as repetitions: while messages come, they tell of those before;
// when no more come, somebody has to. Owned by the core.
#pragma once

#include <optional>

#include "async/loop.hpp"
#include "base/log.hpp"
#include "base/time.hpp"

namespace gnomon::core {

class SuppressedReminder {
 public:
  SuppressedReminder(async::Loop& loop, base::Log& log) : loop_(loop), log_(log), timer_(loop) {}

  // A message was written just now, or left out.
  void on_message();
  // Until it is cancelled. It waits for no time while there is nothing left out.
  [[nodiscard]] asio::awaitable<void> run();

 private:
  void remind();

  async::Loop& loop_;
  base::Log& log_;
  async::Timer timer_;
  std::optional<base::MonoTime> last_message_;  // nullopt: all that was left out has been told
};

}  // namespace gnomon::core
