// SPDX-License-Identifier: GPL-2.0-or-later
// What the event loop asks of epoll and of one timer, done by select(), the waiting call that every simulator
// has. Owned by the replaced calls.
#pragma once

#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/timerfd.h>

#include <functional>
#include <map>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "tests/sim/daemon/calls/channels.hpp"

namespace gnomon::sim {

// Edges as epoll tells them: what has been told is told again after the program has tried to read or could
// not write. Failures are negative error numbers.
class Poller {
 public:
  explicit Poller(const Channels& channels) : channels_(channels) {}

  // Called when a signal has interrupted the wait; may send on a channel.
  void on_interrupt(std::function<void()> handler) { interrupted_ = std::move(handler); }

  [[nodiscard]] int control(int operation, int descriptor, const epoll_event* event);
  void forget(int descriptor) { watched_.erase(descriptor); }
  void may_read_again(int descriptor);
  void may_write_again(int descriptor);
  // The program has been told that there is something to read, and has not tried since.
  [[nodiscard]] bool has_told_readable(int descriptor) const;
  void set_timer(int descriptor) { timer_ = descriptor; }
  void set_time(int flags, const itimerspec& time);

  // `timeout` in ms, -1: for ever. 0 does not look at the network, which simulators do not all allow: the
  // loop waits as soon as it has nothing else to do.
  [[nodiscard]] int wait(std::span<epoll_event> events, int timeout);

 private:
  struct Watch {
    epoll_event wanted{};
    bool read = true;  // armed
    bool write = true;
  };
  struct Sets {
    fd_set read{};
    fd_set write{};
    int end = 0;  // the highest descriptor and one
  };

  [[nodiscard]] bool is_ours(int descriptor) const;
  [[nodiscard]] std::uint32_t own_events(int descriptor, const Watch& watch) const;
  [[nodiscard]] Sets sets() const;
  int take_own(std::span<epoll_event> events);
  int take_selected(std::span<epoll_event> events, const Sets& selected);
  [[nodiscard]] int select_once(Sets& asked, std::optional<base::MonoTime> deadline) const;

  const Channels& channels_;
  std::map<int, Watch> watched_;
  int timer_ = -1;
  std::optional<base::MonoTime> due_;
  std::function<void()> interrupted_;
};

}  // namespace gnomon::sim
