// SPDX-License-Identifier: GPL-2.0-or-later
// The lines of chrony's log files (chrony.conf(5), `log`), column by column as chronyd writes them, so that
// what reads its logs reads ours. Stateless.
#pragma once

#include <string>
#include <string_view>

#include "daemon/core/engine/values/log_records.hpp"
#include "ipc/launcher_messages.hpp"

namespace gnomon::core {

// What the columns are called.
[[nodiscard]] std::string_view heading_of(ipc::FileKind log);

// Without the end of the line. Dates are UTC by the system clock.
[[nodiscard]] std::string line_of(const engine::MeasurementRecord& record);
[[nodiscard]] std::string line_of(const engine::StatisticsRecord& record);
[[nodiscard]] std::string line_of(const engine::TrackingRecord& record);
[[nodiscard]] std::string line_of(const engine::SelectionRecord& record);
[[nodiscard]] std::string line_of(const engine::RefclockRecord& record);
[[nodiscard]] std::string line_of(const engine::TemperatureRecord& record);
[[nodiscard]] std::string line_of(const engine::RtcRecord& record);

}  // namespace gnomon::core
