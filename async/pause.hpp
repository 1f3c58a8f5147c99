// SPDX-License-Identifier: GPL-2.0-or-later
// How a task of the core lets time pass. Cancelled meanwhile it ends here, so that no loop does its work once
// more after TaskGroup::stop().
#pragma once

#include <boost/system/system_error.hpp>

#include "async/asio.hpp"
#include "base/time.hpp"

namespace gnomon::core {

// Throws operation_aborted when the task is cancelled.
inline asio::awaitable<void> pause_for(base::Duration duration) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer{executor, duration};
  co_await timer.async_wait(asio::use_awaitable);
}

// After a wait that gives its error as a value: a task that was cancelled meanwhile does not act on it.
inline asio::awaitable<void> end_if_cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error{asio::error::operation_aborted};
}

// Until the timer's time or until somebody cancels the timer, for the sake of news. Throws as above.
inline asio::awaitable<void> wait_for(asio::steady_timer& timer) {
  [[maybe_unused]] const auto [early] = co_await timer.async_wait(tok);
  co_await end_if_cancelled();
}

}  // namespace gnomon::core
