// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel was asked for, in memory that a test shares with the clock helper it has started. Plain
// data: the helper's sandbox lets it have no more memory.
#pragma once

#include <array>
#include <cstdint>

namespace gnomon::testing {

struct RecordedChange {
  unsigned modes = 0;
  std::int64_t tick = 0;
  std::int64_t frequency = 0;
  std::int64_t step = 0;  // ns
  int status = 0;
};
struct ClockRecord {
  std::uint32_t count = 0;
  std::array<RecordedChange, 8192> changes{};
};

}  // namespace gnomon::testing
