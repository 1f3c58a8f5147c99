// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/leap/kernel_tai.hpp"

#include <utility>

namespace gnomon::engine {

namespace {

int step_of(base::LeapIndicator armed) {
  if (armed == base::LeapIndicator::insert) return 1;
  return armed == base::LeapIndicator::remove ? -1 : 0;
}

}  // namespace

std::optional<std::int16_t> KernelTai::told(const ReportStatus& status) {
  const auto armed = std::exchange(armed_, status.leap);
  if (status.tai_offset == 0) return std::nullopt;  // leaves it as it is
  const auto before = std::exchange(offset_, status.tai_offset);
  const bool by_itself = before != 0 && before + step_of(armed) == status.tai_offset;
  if (before == status.tai_offset || by_itself) return std::nullopt;
  return status.tai_offset;
}

}  // namespace gnomon::engine
