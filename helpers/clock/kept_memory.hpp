// SPDX-License-Identifier: GPL-2.0-or-later
// The memory descriptor that gnomond has handed over, as gnomon-clock's memory.
#pragma once

#include "helpers/clock/memory.hpp"

namespace gnomon::clock {

// Mapped for as long as the process lives.
class KeptMemory {
 public:
  // -1, or what cannot be mapped: none. The descriptor is closed.
  explicit KeptMemory(int fd);
  [[nodiscard]] Memory* memory() const { return memory_; }

 private:
  Memory* memory_ = nullptr;
};

}  // namespace gnomon::clock
