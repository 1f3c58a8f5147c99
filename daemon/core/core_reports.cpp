// SPDX-License-Identifier: GPL-2.0-or-later
// What the core tells the control interface: the same verdicts and counters that it works by.
#include <algorithm>
#include <iterator>

#include "base/overloaded.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/core_settings.hpp"
#include "daemon/core/source_reports.hpp"

namespace gnomon::core {

std::vector<engine::AssociationReport> Core::association_reports(const base::Now& now) const {
  auto reports = refclocks_.reports(now);
  std::ranges::move(sources_.reports(now), std::back_inserter(reports));
  return reports;
}

engine::SourceNames Core::source_names(base::SourceId id) const {
  if (auto names = refclocks_.names(id)) return *names;
  return sources_.names(id);
}

// Of a reference clock an unspecified one; nullopt: not resolved yet, or no source any more.
std::optional<base::Endpoint> Core::source_endpoint(base::SourceId id) const {
  if (refclocks_.names(id)) return base::Endpoint{};
  return sources_.endpoint(id);
}

engine::TrackingReport Core::tracking() const {
  auto report = clock_driver_.keeper().tracking(tasks_.now());
  report.steering_refused = !clock_driver_.rate_refusal().empty();
  return report;
}

std::expected<control::Recording, engine::Refusal> Core::begin_recording() {
  return recording_.begin(clock_driver_.keeper());
}

std::vector<control::SourceReport> Core::sources() const {
  const auto now = tasks_.now();
  return source_reports(association_reports(now), clock_driver_.keeper(), now);
}

control::ExplainReport Core::explain() const {
  auto report = explain_report(association_reports(tasks_.now()), clock_driver_.keeper(), tracking(),
                               {.steered = steers(setup_), .refusal = clock_driver_.rate_refusal()});
  report.notices = certificates_.notices();
  return report;
}

control::ServerReport Core::server() const {
  const auto ntp = server_.totals();
  const auto& ke = ke_servers_.totals();
  return {.ntp_hits = ntp.hits,
          .ntp_drops = ntp.drops,
          .command_hits = commands_.hits() + (control_ ? control_->hits() : 0),
          .command_drops = commands_.drops() + (control_ ? control_->drops() : 0),
          .log_drops = ntp.log_drops,
          .ke_hits = ke.accepted(),
          .ke_drops = ke.dropped(),
          .ntp_auth_hits = ntp.authenticated,
          .ntp_interleaved_hits = ntp.interleaved,
          .ntp_timestamps = ntp.timestamps.answers,
          .ntp_timestamp_span = static_cast<std::uint64_t>(ntp.timestamps.span.count()),
          .daemon_rx = ntp.daemon_rx,
          .daemon_tx = ntp.daemon_tx,
          .kernel_rx = ntp.kernel_rx,
          .kernel_tx = ntp.kernel_tx,
          .hardware_rx = ntp.hardware_rx,
          .hardware_tx = ntp.hardware_tx};
}

std::expected<engine::ClientsPage, engine::Refusal> Core::clients(const engine::ClientsQuery& query) {
  auto* const log = server_.client_log();
  if (log == nullptr)
    return std::unexpected(
        engine::Refusal{engine::RefusalKind::no_client_log,
                        "Clients are not counted: remove noclientlog from the configuration."});
  return log->page(query, tasks_.now().mono);
}

std::vector<control::CertificateReport> Core::certificates() const {
  return certificates_.report(tasks_.now().real);
}

std::expected<void, engine::Refusal> Core::apply(const engine::OperatorCommand& command) {
  act_on(clock_driver_.look_at_clock());
  const auto events = clock_driver_.apply(command);
  if (!events) return std::unexpected(events.error());
  act_on(*events);
  return {};
}

std::expected<engine::ManualOutcome, engine::Refusal> Core::set_time(base::RealTime time) {
  act_on(clock_driver_.look_at_clock());
  const auto set = clock_driver_.set_time(time);
  if (!set) return std::unexpected(set.error());
  act_on(set->events);
  return set->outcome;
}

std::vector<engine::ManualEntry> Core::manual_entries() const {
  return clock_driver_.keeper().manual_entries();
}

template <class Command>
Sources::Done Core::carry_out(const Command& command) {
  return refclocks_.has(command.source) ? refclocks_.carry_out(command) : sources_.carry_out(command);
}

std::expected<void, engine::Refusal> Core::apply(const control::SourceCommand& command) {
  // No way out for a command that nobody knows: it does not compile.
  const auto events =
      std::visit(base::Overloaded{[this](const control::ReloadSources&) -> Sources::Done {
                                    if (auto wrong = reload_source_dirs(); !wrong.empty())
                                      return std::unexpected(engine::Refusal{std::move(wrong)});
                                    return {};
                                  },
                                  [this](const control::DumpState&) {
                                    save_state();
                                    return Sources::Done{};
                                  },
                                  [this](const control::ModifySource& one) { return carry_out(one); },
                                  [this](const control::SetSelectOptions& one) { return carry_out(one); },
                                  [this](const auto& one) { return sources_.carry_out(one); }},
                 command);
  if (!events) return std::unexpected(events.error());
  act_on(*events);
  return {};
}

bool Core::allows(control::AccessList list, const base::IpAddress& address) const {
  return list == control::AccessList::commands ? commands_.allows(address) : server_.allows(address);
}

std::expected<void, engine::Refusal> Core::rekey() {
  if (!keys_ && !symmetric_keys_)
    return std::unexpected(engine::Refusal{
        engine::RefusalKind::not_enabled,
        "This daemon has no certificates or keys to read again. Set keyfile, or to serve NTS ntsservercert, "
        "ntsserverkey and allow."});
  if (symmetric_keys_) launcher_.send(ipc::OpenSymmetricKeys{});
  if (!keys_) return {};
  if (const auto reloaded = keys_->reload(); !reloaded) return std::unexpected(reloaded.error());
  launcher_.send(ipc::ReplaceKeServers{});
  return {};
}

engine::RtcReport Core::real_time_clock() const {
  return rtc_ ? rtc_->report() : engine::RtcReport{};
}

std::expected<void, engine::Refusal> Core::apply(control::RtcCommand command) {
  if (!rtc_)
    return std::unexpected(
        engine::Refusal{engine::RefusalKind::not_enabled,
                        "The real-time clock is not tracked: set rtcfile in the configuration."});
  return command == control::RtcCommand::trim ? rtc_->trim() : rtc_->write();
}

engine::SmoothingReport Core::smoothing() const {
  return clock_driver_.keeper().smoothing(tasks_.now());
}

std::expected<void, engine::Refusal> Core::smooth_time(control::SmoothTimeCommand command) {
  const auto events = command == control::SmoothTimeCommand::activate ? clock_driver_.activate_smoothing()
                                                                      : clock_driver_.reset_smoothing();
  if (!events)
    return std::unexpected(
        engine::Refusal{engine::RefusalKind::not_enabled,
                        "Served time is not smoothed: set smoothtime in the configuration."});
  act_on(*events);
  return {};
}

}  // namespace gnomon::core
