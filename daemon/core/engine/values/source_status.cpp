// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/engine/values/source_status.hpp"

namespace gnomon::engine {

SourceStatus status_of(const AssociationReport& report) {
  constexpr std::uint32_t often = 8;
  return {report.reach, report.unreachable_too_long, report.awaited_until, report.ntp.total_tx >= often,
          report.ready_at};
}

}  // namespace gnomon::engine
