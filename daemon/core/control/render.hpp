// SPDX-License-Identifier: GPL-2.0-or-later
// Reports as the objects of the control schema: a change of names and units, nothing is computed here.
#pragma once

#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "daemon/core/control/report_values.hpp"
#include "daemon/core/control/reporter.hpp"

namespace gnomon::core::control {

[[nodiscard]] boost::json::object render(const engine::TrackingReport& tracking);
[[nodiscard]] boost::json::object render(const ServerReport& server);
[[nodiscard]] boost::json::object render(const engine::ClientAccess& client);
[[nodiscard]] boost::json::object render(const ExplainReport& report);
[[nodiscard]] boost::json::object render(const engine::ManualOutcome& outcome);
[[nodiscard]] boost::json::object render(const engine::ManualEntry& entry);
[[nodiscard]] boost::json::object render(const engine::SmoothingReport& smoothing);
[[nodiscard]] boost::json::object render(const engine::RtcReport& rtc);
[[nodiscard]] boost::json::object render(const CertificateReport& certificate);
[[nodiscard]] boost::json::object render_activity(const ActivityCounts& counts);
[[nodiscard]] std::string_view state_word(engine::SourceState state);
// One element of the lists.
[[nodiscard]] boost::json::object render_source(const SourceReport& source);
[[nodiscard]] boost::json::object render_statistics(const SourceReport& source);
[[nodiscard]] boost::json::object render_auth_data(const SourceReport& source);
[[nodiscard]] boost::json::object render_ntp_data(const SourceReport& source);

[[nodiscard]] boost::json::object render_select_data(const SourceReport& source);

}  // namespace gnomon::core::control
