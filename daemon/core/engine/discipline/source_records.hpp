// SPDX-License-Identifier: GPL-2.0-or-later
// What the logs of statistics and of selection say of one source. Stateless.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "daemon/core/engine/discipline/discipline.hpp"
#include "daemon/core/engine/discipline/tracked_source.hpp"
#include "daemon/core/engine/values/log_records.hpp"

namespace gnomon::engine {

// Of the line through its samples with the last one; `before`: without it. nullopt: too few for a line.
[[nodiscard]] std::optional<StatisticsRecord> statistics_record(const TrackedSource& source,
                                                                const std::optional<Estimate>& before,
                                                                const Discipline& discipline,
                                                                const Timescale& timescale);

[[nodiscard]] SelectionRecord selection_record(const Verdict& verdict, const TrackedSource& source,
                                               const base::Now& now);

}  // namespace gnomon::engine
