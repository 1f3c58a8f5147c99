// SPDX-License-Identifier: GPL-2.0-or-later
// A daemon as the control interface sees it, with values that a test has set.
#pragma once

#include "daemon/core/control/reporter.hpp"

namespace gnomon::testing {

class SetReporter final : public core::control::Reporter {
 public:
  [[nodiscard]] engine::TrackingReport tracking() const override {
    ++trackings_built;
    return tracking_report;
  }
  [[nodiscard]] std::vector<core::control::SourceReport> sources() const override { return source_reports; }
  [[nodiscard]] std::uint32_t missing_members() const override { return members_missing; }
  [[nodiscard]] core::control::ExplainReport explain() const override { return explain_report; }
  [[nodiscard]] core::EventLog* events() const override { return event_log; }
  [[nodiscard]] core::control::ServerReport server() const override { return server_report; }
  [[nodiscard]] std::expected<engine::ClientsPage, engine::Refusal> clients(
      const engine::ClientsQuery& query) override {
    client_queries.push_back(query);
    return clients_page;
  }
  [[nodiscard]] std::vector<core::control::CertificateReport> certificates() const override {
    return certificate_reports;
  }
  [[nodiscard]] std::expected<void, engine::Refusal> rekey() override { return rekey_result; }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(const engine::OperatorCommand& command) override {
    operator_commands.push_back(command);
    return command_result;
  }
  [[nodiscard]] std::expected<engine::ManualOutcome, engine::Refusal> set_time(base::RealTime time) override {
    times.push_back(time);
    return manual_outcome;
  }
  [[nodiscard]] std::vector<engine::ManualEntry> manual_entries() const override { return manual_list; }
  [[nodiscard]] engine::SmoothingReport smoothing() const override { return smoothing_report; }
  [[nodiscard]] std::expected<void, engine::Refusal> smooth_time(
      core::control::SmoothTimeCommand command) override {
    smooth_commands.push_back(command);
    return smooth_time_result;
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(
      const core::control::SourceCommand& command) override {
    source_commands.push_back(command);
    return source_command_result;
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(
      const core::control::ChangeAccess& command) override {
    access_changes.push_back(command);
    return access_result;
  }
  [[nodiscard]] bool allows(core::control::AccessList list, const base::IpAddress& address) const override {
    return list == allowed_list && address == allowed_address;
  }
  [[nodiscard]] engine::RtcReport real_time_clock() const override { return rtc_report; }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(core::control::RtcCommand command) override {
    rtc_commands.push_back(command);
    return rtc_result;
  }
  // Goes on until the test ends it; null: the daemon has nothing to read again.
  void reload(bool dry_run, core::control::ReloadDone done) override {
    if (reloads == nullptr) return Reporter::reload(dry_run, std::move(done));
    reloads->push_back(std::move(done));
  }
  void cycle_logs() override { ++log_cycles; }
  void shut_down() override { ++shut_downs; }

  engine::TrackingReport tracking_report;
  std::vector<core::control::SourceReport> source_reports;
  core::control::ExplainReport explain_report;
  core::EventLog* event_log = nullptr;
  core::control::ServerReport server_report;
  std::vector<engine::ClientsQuery> client_queries;
  std::expected<engine::ClientsPage, engine::Refusal> clients_page;
  std::uint32_t members_missing = 0;
  std::vector<core::control::CertificateReport> certificate_reports;
  std::expected<void, engine::Refusal> rekey_result;
  std::vector<engine::OperatorCommand> operator_commands;
  std::expected<void, engine::Refusal> command_result;
  std::vector<base::RealTime> times;
  std::expected<engine::ManualOutcome, engine::Refusal> manual_outcome;
  std::vector<engine::ManualEntry> manual_list;
  engine::SmoothingReport smoothing_report;
  std::vector<core::control::SmoothTimeCommand> smooth_commands;
  std::expected<void, engine::Refusal> smooth_time_result;
  engine::RtcReport rtc_report;
  std::vector<core::control::RtcCommand> rtc_commands;
  std::expected<void, engine::Refusal> rtc_result;
  std::expected<void, engine::Refusal> source_command_result;
  std::vector<core::control::SourceCommand> source_commands;
  std::vector<core::control::ChangeAccess> access_changes;
  std::expected<void, engine::Refusal> access_result;
  core::control::AccessList allowed_list = core::control::AccessList::ntp;
  base::IpAddress allowed_address;
  std::vector<core::control::ReloadDone>* reloads = nullptr;
  int shut_downs = 0;
  int log_cycles = 0;
  mutable int trackings_built = 0;
};

}  // namespace gnomon::testing
