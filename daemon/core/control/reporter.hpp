// SPDX-License-Identifier: GPL-2.0-or-later
// The reports and commands that the control interface can request; implemented by the core, which owns
// the state behind it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/control/access_commands.hpp"
#include "daemon/core/control/recording.hpp"
#include "daemon/core/control/reload_outcome.hpp"
#include "daemon/core/control/source_commands.hpp"
#include "daemon/core/engine/text/situation.hpp"
#include "daemon/core/engine/values/client_access.hpp"
#include "daemon/core/engine/values/operator_command.hpp"
#include "daemon/core/engine/values/refusal.hpp"
#include "daemon/core/engine/values/reports.hpp"
#include "daemon/core/engine/values/verdict.hpp"
#include "daemon/core/events/event_log.hpp"
#include "daemon/core/measurements/measurement_log.hpp"
#include "ipc/certificate_messages.hpp"
#include "ipc/metrics_messages.hpp"

namespace gnomon::core::control {

// Everything known of one source at one moment.
struct SourceReport {
  engine::AssociationReport association;
  engine::Verdict verdict;
  engine::SourceStatistics statistics;
  std::string reason;       // one word of selection
  std::string explanation;  // the same as a sentence
};

// chrony's serverstats, in its order.
struct ServerReport {
  std::uint64_t ntp_hits = 0;
  std::uint64_t ntp_drops = 0;
  std::uint64_t command_hits = 0;
  std::uint64_t command_drops = 0;
  std::uint64_t log_drops = 0;
  std::uint64_t ke_hits = 0;
  std::uint64_t ke_drops = 0;
  std::uint64_t ntp_auth_hits = 0;
  std::uint64_t ntp_interleaved_hits = 0;
  std::uint64_t ntp_timestamps = 0;
  std::uint64_t ntp_timestamp_span = 0;
  std::uint64_t daemon_rx = 0;
  std::uint64_t daemon_tx = 0;
  std::uint64_t kernel_rx = 0;
  std::uint64_t kernel_tx = 0;
  std::uint64_t hardware_rx = 0;
  std::uint64_t hardware_tx = 0;
};

// What is in the files of certificates and keys cannot be used.
struct CertificatesRefusal {
  std::string reason;  // sentences, with the file
  base::RealTime since;
};
// One pair of ntsservercert and ntsserverkey.
struct CertificateReport {
  std::string file;                            // of the certificate, as configured
  std::optional<base::RealTime> in_use_since;  // nullopt: no server could use it, what follows is empty
  ipc::CertificateFacts facts;
  std::int64_t days_left = 0;                    // whole ones; negative: it has expired
  std::optional<CertificatesRefusal> refusal{};  // nullopt: the files are what is in use
};

// What is wrong besides, though the clock may be right.
struct Notice {
  std::string text;    // sentences
  std::string remedy;  // a sentence
};

// The machine's clock and each source, explained.
struct ExplainReport {
  engine::Situation situation;
  std::optional<base::Seconds> error_bound;  // see engine::error_bound()
  std::vector<engine::ExplainedSource> sources;
  std::vector<Notice> notices{};
};
// Set the real-time clock; write the rtcfile.
enum class RtcCommand : std::uint8_t { trim, write };

enum class SmoothTimeCommand : std::uint8_t { reset, activate };

class Reporter {
 public:
  Reporter() = default;
  Reporter(const Reporter&) = delete;
  Reporter& operator=(const Reporter&) = delete;
  virtual ~Reporter() = default;

  [[nodiscard]] virtual engine::TrackingReport tracking() const = 0;
  [[nodiscard]] virtual std::vector<SourceReport> sources() const = 0;
  // Addresses that pools look for besides, as chronyd counts them: it asks for twice as many as it needs.
  [[nodiscard]] virtual std::uint32_t missing_members() const { return 0; }
  [[nodiscard]] virtual ExplainReport explain() const = 0;
  // The text of all metrics.
  [[nodiscard]] virtual std::string metrics(ipc::MetricsFormat /*format*/) { return {}; }
  // Null: none are kept.
  [[nodiscard]] virtual EventLog* events() const = 0;
  [[nodiscard]] virtual MeasurementLog* measurements() const { return nullptr; }
  // What happens to the engine is written down from now on, for who asks.
  [[nodiscard]] virtual std::expected<Recording, engine::Refusal> begin_recording() {
    return std::unexpected(engine::Refusal{"This daemon records nothing."});
  }
  [[nodiscard]] virtual ServerReport server() const = 0;
  // Refused when there is no client log.
  [[nodiscard]] virtual std::expected<engine::ClientsPage, engine::Refusal> clients(
      const engine::ClientsQuery& query) = 0;
  [[nodiscard]] virtual std::vector<CertificateReport> certificates() const = 0;
  [[nodiscard]] virtual std::expected<void, engine::Refusal> rekey() = 0;
  [[nodiscard]] virtual std::expected<void, engine::Refusal> apply(
      const engine::OperatorCommand& command) = 0;
  // It is `time` now, says a human.
  [[nodiscard]] virtual std::expected<engine::ManualOutcome, engine::Refusal> set_time(
      base::RealTime time) = 0;
  [[nodiscard]] virtual std::vector<engine::ManualEntry> manual_entries() const = 0;
  [[nodiscard]] virtual engine::SmoothingReport smoothing() const = 0;
  [[nodiscard]] virtual std::expected<void, engine::Refusal> smooth_time(SmoothTimeCommand command) = 0;
  [[nodiscard]] virtual std::expected<void, engine::Refusal> apply(const SourceCommand& command) = 0;
  [[nodiscard]] virtual std::expected<void, engine::Refusal> apply(const ChangeAccess& command) = 0;
  [[nodiscard]] virtual bool allows(AccessList list, const base::IpAddress& address) const = 0;
  [[nodiscard]] virtual engine::RtcReport real_time_clock() const = 0;
  [[nodiscard]] virtual std::expected<void, engine::Refusal> apply(RtcCommand command) = 0;
  // The whole configuration again; dry_run: only what it would change. `done` is called once, perhaps at
  // once.
  virtual void reload(bool dry_run, ReloadDone done) {
    static_cast<void>(dry_run);
    std::exchange(
        done, nullptr)(std::unexpected(engine::Refusal{"This daemon has no configuration to read again."}));
  }
  // The log files were renamed: what comes goes to new ones.
  virtual void cycle_logs() = 0;
  // A reply to a command leaves now, by the way that requests to sources take as well.
  virtual void reply_leaves() {}
  // Begins the orderly end; returns at once.
  virtual void shut_down() = 0;
  // What has come of the last rekey or reload: `done` is called once, perhaps at once, with what could not be
  // used and why; empty: all could, or was not asked for.
  virtual void await_keys(std::function<void(const std::string& wrong)> done) { done({}); }
};

}  // namespace gnomon::core::control
