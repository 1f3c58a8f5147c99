// SPDX-License-Identifier: GPL-2.0-or-later
// Reports at once that the kernel has set the system clock: at another program's request, or as the machine
// has woken up. By how much, the next look at the clocks shows (clock_watch.hpp). Owned by the core.
#pragma once

#include <functional>
#include <utility>

#include "async/task_group.hpp"
#include "base/os/error.hpp"
#include "base/os/fd.hpp"

namespace gnomon::core {

// A timer that the kernel cancels with each such change; to be opened before the sandbox forbids it.
[[nodiscard]] base::OsResult<base::Fd> open_clock_events();

class ClockSetWatch {
 public:
  ClockSetWatch(async::TaskGroup& tasks, base::Fd events, std::function<void()> on_set)
      : tasks_(tasks), descriptor_(tasks.io(), events.release()), on_set_(std::move(on_set)) {}
  void start() { tasks_.spawn("clock set", watch()); }

 private:
  asio::awaitable<void> watch();

  async::TaskGroup& tasks_;
  asio::posix::stream_descriptor descriptor_;
  std::function<void()> on_set_;
};

}  // namespace gnomon::core
