// SPDX-License-Identifier: GPL-2.0-or-later
// Which packet a transmit timestamp is of: the kernel counts them from zero, a simulator from one or not at
// all. Owned by the replaced calls.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <map>

namespace gnomon::sim {

class StampNumbers {
 public:
  // A message of the error queue: its number is made the kernel's. One that stands still is taken away, so
  // that the timestamp counts for the packet sent last, the only one whose a simulator has.
  void correct(int descriptor, msghdr& message);
  void forget(int descriptor) { known_.erase(descriptor); }

 private:
  struct Numbers {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };
  std::map<int, Numbers> known_;
};

}  // namespace gnomon::sim
