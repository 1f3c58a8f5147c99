// SPDX-License-Identifier: GPL-2.0-or-later
// What the core exports as metrics: the values of its reports, and counters that no report has.
#include <algorithm>

#include "daemon/core/control/schema.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/core_settings.hpp"
#include "daemon/core/metrics/table.hpp"

namespace gnomon::core {

namespace {

// Each thread has one socket; what the event loop serves is counted together.
std::vector<metrics::Worker> workers_of(const NtpServer& server) {
  std::vector<metrics::Worker> workers;
  int number = 0;
  for (const auto& totals : server.totals_of_threads())
    workers.push_back({.name = std::to_string(++number), .totals = totals});
  if (const auto rest = server.totals_of_loop()) workers.push_back({.name = "core", .totals = *rest});
  return workers;
}

}  // namespace

std::string Core::metrics(ipc::MetricsFormat format) {
  return metrics_texts_.reply(format == ipc::MetricsFormat::openmetrics ? "openmetrics" : "prometheus",
                              [&] { return metrics::to_text(metrics_view(), format); });
}

metrics::View Core::metrics_view() const {
  const auto now = tasks_.now();
  auto sources = this->sources();
  metrics::View view{.version = control::daemon_version,
                     .uptime = now.mono - started_,
                     .tracking = tracking(),
                     .steered = steers(setup_),
                     .clock = clock_driver_.totals(),
                     .sources = {},
                     .activity = control::count_activity(sources, missing_members()),
                     .workers = workers_of(server_),
                     .server = server(),
                     .key_exchanges = ke_servers_.totals().by_end,
                     .certificates = certificates(),
                     .key_secret_usable = keys_ ? keys_->secret_usable() : std::nullopt,
                     .roles = roles_.report(),
                     .events = log_.counts(),
                     .smoothing = smoothing(),
                     .real_time_clock = real_time_clock()};
  view.sources = metrics::told_apart(std::move(sources));
  return view;
}

}  // namespace gnomon::core
