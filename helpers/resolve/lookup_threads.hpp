// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-resolve's loop: one name, one answer, for a few names at once, so that one that no server answers
// for does not hold up the others. Owned by main.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>

#include "base/os/log.hpp"
#include "helpers/resolve/file_watch.hpp"
#include "helpers/resolve/serve.hpp"

namespace gnomon::resolve {

// Its threads cannot be ended while they ask: it lives as long as the process does, and so must `watch`.
class LookupThreads {
 public:
  static constexpr int at_once = 4;

  LookupThreads(int channel, FileWatch& watch) : channel_(channel), watch_(watch) {}
  LookupThreads(const LookupThreads&) = delete;
  LookupThreads& operator=(const LookupThreads&) = delete;

  // The threads exist from here on, and take no request yet: see FileWatch::start().
  void start();
  // Until the channel ends: 0 after end of file, 1 after anything unexpected.
  [[nodiscard]] int serve(base::Log& log);

 private:
  void run();

  int channel_;
  FileWatch& watch_;
  std::atomic<int> running_ = 0;
  std::atomic<bool> begun_ = false;
  std::mutex mutex_;
  std::optional<Ending> ending_;  // of the first thread that came to one
  std::atomic<bool> over_ = false;
};

}  // namespace gnomon::resolve
