// SPDX-License-Identifier: GPL-2.0-or-later
// Coroutines in virtual time: nothing waits, the clock is set to when there is something to do.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task_group.hpp"
#include "tests/unit/catch.hpp"
#include "tests/unit/virtual_clock.hpp"

namespace gnomon::testing {

// Owns the coroutines of a test; the destructor cancels and drains them before what they refer to goes.
struct Loop {
  async::Context io{1};
  VirtualClock clock;
  async::Loop loop{io, clock};
  std::vector<std::string> failures;
  async::TaskGroup tasks{loop, [this](const std::string& task, const std::string& what) {
                           failures.push_back(task + ": " + what);
                         }};

  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() { drain(); }
  void drain() {
    tasks.stop();
    io.restart();
    loop.run();
  }
  // Runs what is ready, and sets the clock to when there is more to do, until the condition holds; far beyond
  // any expected time it fails.
  void run_until(const std::function<bool()>& condition) {
    const auto limit = now().mono + std::chrono::days{1};
    while (!condition()) {
      io.restart();
      if (io.poll_one() > 0) continue;
      const auto due = loop.next_due();
      if (!due || *due > limit) FAIL("nothing more happens");
      advance(*due - now().mono);
    }
  }
  void advance(base::Duration by) {
    clock.advance(by);
    loop.wake_due();
  }
  [[nodiscard]] base::Now now() const { return clock.now(); }
  void run_ready() {
    io.restart();
    io.poll();
  }
  template <class T>
  T result_of(asio::awaitable<T> work) {
    std::optional<T> result;
    tasks.spawn("work", store(std::move(work), result));
    run_until([&] { return result.has_value(); });
    return std::move(*result);
  }

 private:
  template <class T>
  static asio::awaitable<void> store(asio::awaitable<T> work, std::optional<T>& into) {
    into.emplace(co_await std::move(work));
  }
};

}  // namespace gnomon::testing
