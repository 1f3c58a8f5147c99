// SPDX-License-Identifier: GPL-2.0-or-later
// What one wait is for: descriptors, and what is done about those that are readable. Made anew for each wait.
#pragma once

#include <poll.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "base/os/error.hpp"
#include "base/time.hpp"

namespace gnomon::launcher {

class PollSet {
 public:
  using Handler = std::function<void()>;

  // -1: never readable.
  void add(int descriptor, Handler handler) { add(std::vector{descriptor}, std::move(handler)); }
  // Called once, however many of them are.
  void add(const std::vector<int>& descriptors, Handler handler);

  // Until one of them is readable or a signal has come, and no longer than this; nullopt: for ever.
  [[nodiscard]] base::OsResult<void> wait(std::optional<base::Duration> longest);
  // The handlers of those that were, in the order in which they were added.
  void serve() const;

 private:
  struct Group {
    std::size_t end;  // behind its last descriptor
    Handler handler;
  };
  std::vector<pollfd> watched_;
  std::vector<Group> groups_;
};

}  // namespace gnomon::launcher
