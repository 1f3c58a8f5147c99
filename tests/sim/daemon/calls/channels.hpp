// SPDX-License-Identifier: GPL-2.0-or-later
// The socketpairs between the roles as queues of datagrams: a simulator's waiting call knows only descriptors
// that it has made itself. Owned by the replaced calls.
#pragma once

#include <sys/socket.h>

#include <deque>
#include <map>
#include <span>

#include "base/bytes.hpp"

namespace gnomon::sim {

// Descriptors are numbers here. Failures are negative error numbers, as the kernel's.
class Channels {
 public:
  void open(int first, int second);
  void close(int end);
  [[nodiscard]] bool knows(int end) const { return ends_.contains(end); }
  // The end that talks to this one; -1: closed.
  [[nodiscard]] int other_end(int end) const { return ends_.at(end).other; }
  // A datagram or the end of the channel is there.
  [[nodiscard]] bool readable(int end) const;
  [[nodiscard]] ssize_t send(int end, std::span<const iovec> parts);
  // One datagram; sets MSG_TRUNC in `flags` when it was longer.
  [[nodiscard]] ssize_t receive(int end, std::span<const iovec> parts, int& flags);

 private:
  struct End {
    int other = -1;
    std::deque<base::Buffer> waiting;
  };
  std::map<int, End> ends_;
};

}  // namespace gnomon::sim
