// SPDX-License-Identifier: GPL-2.0-or-later
// A daemon that has nothing to report and applies every command.
#pragma once

#include "daemon/core/control/reporter.hpp"
#include "daemon/core/engine/serving/client_log.hpp"

namespace gnomon::testing {

class QuietDaemon final : public core::control::Reporter {
 public:
  QuietDaemon() {
    for (std::uint8_t i = 0; i < 40; ++i)
      log_.count(engine::Service::ntp, {base::AddressFamily::ipv4, {192, 0, 2, i}}, {},
                 base::Admission::pass);
  }
  [[nodiscard]] engine::TrackingReport tracking() const override { return {}; }
  [[nodiscard]] std::vector<core::control::SourceReport> sources() const override {
    return {core::control::SourceReport{}};
  }
  [[nodiscard]] core::control::ExplainReport explain() const override {
    return {.situation = {}, .error_bound = {}, .sources = {{{}, {}, {}}}};
  }
  [[nodiscard]] core::EventLog* events() const override { return nullptr; }
  [[nodiscard]] core::control::ServerReport server() const override { return {}; }
  [[nodiscard]] std::expected<engine::ClientsPage, engine::Refusal> clients(
      const engine::ClientsQuery& query) override {
    return log_.page(query, {});
  }
  [[nodiscard]] std::vector<core::control::CertificateReport> certificates() const override {
    return {core::control::CertificateReport{}};
  }
  [[nodiscard]] std::expected<void, engine::Refusal> rekey() override { return {}; }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(
      const engine::OperatorCommand& /*command*/) override {
    return {};
  }
  [[nodiscard]] std::expected<engine::ManualOutcome, engine::Refusal> set_time(
      base::RealTime /*time*/) override {
    return {};
  }
  [[nodiscard]] std::vector<engine::ManualEntry> manual_entries() const override { return {}; }
  [[nodiscard]] engine::SmoothingReport smoothing() const override { return {}; }
  [[nodiscard]] std::expected<void, engine::Refusal> smooth_time(
      core::control::SmoothTimeCommand /*command*/) override {
    return {};
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(
      const core::control::SourceCommand& /*command*/) override {
    return {};
  }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(
      const core::control::ChangeAccess& /*command*/) override {
    return {};
  }
  [[nodiscard]] bool allows(core::control::AccessList /*list*/,
                            const base::IpAddress& /*address*/) const override {
    return false;
  }
  [[nodiscard]] engine::RtcReport real_time_clock() const override { return {}; }
  [[nodiscard]] std::expected<void, engine::Refusal> apply(core::control::RtcCommand /*command*/) override {
    return {};
  }
  void cycle_logs() override {}
  void shut_down() override {}

 private:
  engine::ClientLog log_{64, 1};
};

}  // namespace gnomon::testing
