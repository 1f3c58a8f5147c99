// SPDX-License-Identifier: GPL-2.0-or-later
// Work that is to be done again and again, until the task is cancelled.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "async/loop.hpp"

namespace gnomon::async {

// Pauses first. `interval`: a duration, or a function that is called for each one. Who wakes the timer has
// the work done at once.
template <class Interval, std::invocable Work>
[[nodiscard]] asio::awaitable<void> every(Timer& timer, Interval interval, Work work) {
  while (true) {
    if constexpr (std::invocable<Interval>)
      timer.expires_after(interval());
    else
      timer.expires_after(interval);
    co_await wait_for(timer);
    work();
  }
}

template <class Interval, std::invocable Work>
[[nodiscard]] asio::awaitable<void> every(Loop& loop, Interval interval, Work work) {
  Timer timer{loop};
  co_await every(timer, std::move(interval), std::move(work));
}

}  // namespace gnomon::async
