// SPDX-License-Identifier: GPL-2.0-or-later
// What is told of the sources: what their tasks report, put together with what the timekeeper makes of each,
// in numbers and in words. Stateless.
#pragma once

#include <string>
#include <vector>

#include "base/time.hpp"
#include "daemon/core/control/reporter.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/engine/values/reports.hpp"

namespace gnomon::core {

using AssociationReports = std::vector<engine::AssociationReport>;

[[nodiscard]] std::vector<control::SourceReport> source_reports(AssociationReports associations,
                                                                const engine::Timekeeper& keeper,
                                                                const base::Now& now);
// The machine's clock and each source, explained. `tracking` of now; the notices are left to others.
[[nodiscard]] control::ExplainReport explain_report(AssociationReports associations,
                                                    const engine::Timekeeper& keeper,
                                                    const engine::TrackingReport& tracking,
                                                    const engine::ClockControl& clock);

}  // namespace gnomon::core
