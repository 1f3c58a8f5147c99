// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel knows of TAI: told with its status, and changed by itself with a leap second that it makes.
// Owned by whoever carries clock commands out.
#pragma once

#include <cstdint>
#include <optional>

#include "daemon/core/engine/values/clock_command.hpp"

namespace gnomon::engine {

class KernelTai {
 public:
  // The kernel has taken that over. TAI minus UTC (s) if it did not have it before.
  [[nodiscard]] std::optional<std::int16_t> told(const ReportStatus& status);

 private:
  std::int16_t offset_ = 0;                                // 0: not known
  base::LeapIndicator armed_ = base::LeapIndicator::none;  // with the status before
};

}  // namespace gnomon::engine
