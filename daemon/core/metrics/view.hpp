// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that is exported as metrics, as it was at one moment. Made by the core, for one text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_event.hpp"
#include "daemon/core/clock/clock_totals.hpp"
#include "daemon/core/control/report_values.hpp"
#include "daemon/core/control/reporter.hpp"
#include "daemon/core/server/server_counters.hpp"
#include "ipc/ntske_messages.hpp"

namespace gnomon::core::metrics {

// A source with what tells it from the others, as long as the configuration stays the same.
struct Source {
  control::SourceReport report;
  std::string address;  // empty: not known, or of a reference clock
  std::string port;     // empty: 123
  std::string repeat;   // "2": the second one with the same name, address and port; empty: the first
};
// In their order.
[[nodiscard]] std::vector<Source> told_apart(std::vector<control::SourceReport> reports);

// The processes of one role.
struct Role {
  std::string_view name;
  std::uint64_t processes = 0;     // whose channels are open
  std::uint64_t replacements = 0;  // started in the place of another
  bool rests = false;              // on demand, and there is nothing for it to do
};
// What one thread has served; "core": the event loop of the core.
struct Worker {
  std::string name;
  ServerTotals totals;
};
using KeyExchanges = std::array<std::uint64_t, static_cast<std::size_t>(ipc::SessionEnd::internal) + 1>;
using EventCounts = std::array<std::uint64_t, base::event_count>;
struct View {
  std::string_view version;
  base::Duration uptime{};
  engine::TrackingReport tracking;
  bool steered = false;  // false: -x
  ClockTotals clock;
  std::vector<Source> sources;
  control::ActivityCounts activity;
  std::vector<Worker> workers;
  control::ServerReport server;
  KeyExchanges key_exchanges{};  // by how they ended
  std::vector<control::CertificateReport> certificates;
  std::optional<bool> key_secret_usable;  // nullopt: cookie keys follow from none
  std::vector<Role> roles;
  EventCounts events{};  // messages of the core
  engine::SmoothingReport smoothing;
  engine::RtcReport real_time_clock;
};

}  // namespace gnomon::core::metrics
