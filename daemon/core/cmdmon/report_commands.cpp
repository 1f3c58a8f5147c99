// SPDX-License-Identifier: GPL-2.0-or-later
// The commands that look at the daemon as a whole.
#include <algorithm>
#include <array>
#include <utility>

#include "daemon/core/cmdmon/command.hpp"
#include "daemon/core/control/report_values.hpp"

namespace gnomon::core::cmdmon {

namespace {

namespace reply = wire::reply;

wire::Reply tracking(const wire::Nothing& /*none*/, Services& services) {
  const auto report = services.reporter.tracking();
  return {.body = reply::Tracking{.reference_id = report.reference_id,
                                  .address = {.ip = report.address, .id = {}},
                                  .stratum = report.stratum,
                                  .leap = report.leap,
                                  .reference_time = report.reference_time,
                                  .correction = report.system_time,
                                  .last_offset = report.last_offset,
                                  .rms_offset = report.rms_offset,
                                  .frequency = report.frequency,
                                  .residual_frequency = report.residual_frequency,
                                  .skew = report.skew,
                                  .root_delay = report.root_delay,
                                  .root_dispersion = report.root_dispersion,
                                  .update_interval = report.update_interval}};
}

wire::Reply activity(const wire::Nothing& /*none*/, Services& services) {
  const auto counts = control::count_activity(services.memory.sources(), services.reporter.missing_members());
  return {.body = reply::Activity{.online = counts.online,
                                  .offline = counts.offline,
                                  .burst_online = counts.burst_online,
                                  .burst_offline = counts.burst_offline,
                                  .unresolved = counts.unresolved}};
}

wire::Reply smoothing(const wire::Nothing& /*none*/, Services& services) {
  const auto report = services.reporter.smoothing();
  if (!report.configured) return failure(wire::Status::not_enabled);
  return {.body = reply::Smoothing{.active = report.active,
                                   .leap_only = report.leap_only,
                                   .offset = report.offset,
                                   .frequency = report.frequency,
                                   .wander = report.wander,
                                   .last_update = report.last_update,
                                   .remaining = report.remaining}};
}

wire::Reply server_stats(const wire::Nothing& /*none*/, Services& services) {
  const auto report = services.reporter.server();
  return {.body = reply::ServerStats{.ntp_hits = report.ntp_hits,
                                     .ke_hits = report.ke_hits,
                                     .command_hits = report.command_hits,
                                     .ntp_drops = report.ntp_drops,
                                     .ke_drops = report.ke_drops,
                                     .command_drops = report.command_drops,
                                     .log_drops = report.log_drops,
                                     .ntp_auth_hits = report.ntp_auth_hits,
                                     .ntp_interleaved_hits = report.ntp_interleaved_hits,
                                     .ntp_timestamps = report.ntp_timestamps,
                                     .ntp_span_seconds = report.ntp_timestamp_span,
                                     .daemon_rx = report.daemon_rx,
                                     .daemon_tx = report.daemon_tx,
                                     .kernel_rx = report.kernel_rx,
                                     .kernel_tx = report.kernel_tx,
                                     .hardware_rx = report.hardware_rx,
                                     .hardware_tx = report.hardware_tx}};
}

wire::Reply manual_list(const wire::Nothing& /*none*/, Services& services) {
  reply::ManualList list;
  for (const auto& entry : services.reporter.manual_entries())
    list.samples.push_back({entry.time, entry.slewed, entry.original, entry.residual});
  return {.body = std::move(list)};
}

reply::ClientAccess client_access(const engine::ClientAccess& client) {
  constexpr std::int8_t unknown = 127;
  return {.address = {.ip = client.address, .id = {}},
          .ntp_hits = client.ntp.hits,
          .ke_hits = client.key_exchange.hits,
          .command_hits = client.commands.hits,
          .ntp_drops = client.ntp.drops,
          .ke_drops = client.key_exchange.drops,
          .command_drops = client.commands.drops,
          .ntp_interval = client.ntp.interval.value_or(unknown),
          .ke_interval = client.key_exchange.interval.value_or(unknown),
          .command_interval = client.commands.interval.value_or(unknown),
          .ntp_timeout_interval = client.ntp_interval_after_drop.value_or(unknown),
          .last_ntp = client.ntp.last,
          .last_ke = client.key_exchange.last,
          .last_command = client.commands.last};
}

wire::Reply clients(const wire::Clients& wanted, Services& services) {
  const auto most = std::min(wanted.count, static_cast<std::uint32_t>(wire::most_clients));
  const auto page = services.reporter.clients({wanted.first, most, wanted.least_hits, wanted.reset});
  if (!page) return failure(status_of(page.error()));
  reply::Clients list{.indices = page->indices, .next = page->next, .clients = {}};
  for (const auto& client : page->clients) list.clients.push_back(client_access(client));
  // chronyc takes a page that is not full for the last one, and passes over clients without an address.
  if (page->next < page->indices) list.clients.resize(most);
  return {.body = std::move(list)};
}

wire::Reply rtc_report(const wire::Nothing& /*none*/, Services& services) {
  const auto report = services.reporter.real_time_clock();
  if (!report.used) return failure(wire::Status::no_rtc);
  return {.body = reply::RealTimeClock{.reference = report.reference,
                                       .samples = static_cast<std::uint16_t>(report.samples),
                                       .runs = static_cast<std::uint16_t>(report.runs),
                                       .span_seconds = static_cast<std::uint32_t>(report.span.count()),
                                       .fast = report.fast,
                                       .gain = report.gain}};
}

constexpr std::array report_table{
    Command{wire::Code::tracking, with<wire::Nothing, tracking>},
    Command{wire::Code::activity, with<wire::Nothing, activity>},
    Command{wire::Code::smoothing, with<wire::Nothing, smoothing>},
    Command{wire::Code::server_stats, with<wire::Nothing, server_stats>},
    Command{wire::Code::manual_list, with<wire::Nothing, manual_list>},
    Command{wire::Code::client_accesses, with<wire::Clients, clients>},
    Command{wire::Code::rtcreport, with<wire::Nothing, rtc_report>},
};

}  // namespace

Commands report_commands() {
  return report_table;
}

}  // namespace gnomon::core::cmdmon
