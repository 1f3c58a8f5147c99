// SPDX-License-Identifier: GPL-2.0-or-later
// How many commands gnomon-clock was given, and what came of them. Counted by the clock driver.
#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include "base/time.hpp"
#include "daemon/core/engine/values/clock_command.hpp"

namespace gnomon::core {

struct CommandCounts {
  std::uint64_t applied = 0;
  std::uint64_t refused = 0;
};
struct ClockTotals {
  // In the order of the variant.
  std::array<CommandCounts, std::variant_size_v<engine::ClockCommand>> commands{};
  base::Duration stepped{};  // by all steps, forwards or backwards
  std::uint64_t jumps = 0;   // the clock was set by somebody else
};

}  // namespace gnomon::core
