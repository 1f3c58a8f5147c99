// SPDX-License-Identifier: GPL-2.0-or-later
// A count that threads wait for, as std::latch is, but who waits sleeps at once: libstdc++'s gives its turn
// away a few times first (sched_yield), and on a busy machine each of them comes back milliseconds later.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace gnomon::core {

// From any thread; outlives all who wait.
class Latch {
 public:
  explicit Latch(std::size_t count) : count_(count) {}

  // Not more often than the count.
  void count_down() {
    const std::lock_guard lock{mutex_};
    if (--count_ == 0) reached_.notify_all();
  }
  // Until the count is zero.
  void wait() {
    std::unique_lock lock{mutex_};
    reached_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable reached_;
  std::size_t count_;
};

}  // namespace gnomon::core
