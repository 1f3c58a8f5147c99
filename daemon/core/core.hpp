// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-core as one object: owns the parts and wires them together. Everything but the server workers runs
// on the one thread of the io_context.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "base/os/log.hpp"
#include "config/config.hpp"
#include "daemon/core/access_hosts.hpp"
#include "daemon/core/clock/clock_driver.hpp"
#include "daemon/core/clock/clock_set_watch.hpp"
#include "daemon/core/clock/drift_store.hpp"
#include "daemon/core/clock/dump_store.hpp"
#include "daemon/core/clock/hardware_clocks.hpp"
#include "daemon/core/clock/leap_store.hpp"
#include "daemon/core/clock/rtc_driver.hpp"
#include "daemon/core/clock/saved_time.hpp"
#include "daemon/core/clock/temperature_watch.hpp"
#include "daemon/core/clock_status.hpp"
#include "daemon/core/cmdmon/server.hpp"
#include "daemon/core/control/reply_memory.hpp"
#include "daemon/core/control/server.hpp"
#include "daemon/core/correction_mail.hpp"
#include "daemon/core/events/counted_log.hpp"
#include "daemon/core/initial_correction.hpp"
#include "daemon/core/keys/certificate_monitor.hpp"
#include "daemon/core/keys/ke_server_link.hpp"
#include "daemon/core/keys/reading_again.hpp"
#include "daemon/core/keys/server_keys.hpp"
#include "daemon/core/keys/symmetric_key_store.hpp"
#include "daemon/core/links/clock_client.hpp"
#include "daemon/core/links/ke_client.hpp"
#include "daemon/core/links/launcher_link.hpp"
#include "daemon/core/links/metrics_link.hpp"
#include "daemon/core/links/resolve_client.hpp"
#include "daemon/core/logs/log_files.hpp"
#include "daemon/core/measurements/measurement_log.hpp"
#include "daemon/core/measurements/measurement_recorder.hpp"
#include "daemon/core/metrics/view.hpp"
#include "daemon/core/one_shot.hpp"
#include "daemon/core/recording/recorder.hpp"
#include "daemon/core/reload.hpp"
#include "daemon/core/role_table.hpp"
#include "daemon/core/server/broadcaster.hpp"
#include "daemon/core/server/ntp_server.hpp"
#include "daemon/core/server/signd_client.hpp"
#include "daemon/core/sources/network_watch.hpp"
#include "daemon/core/sources/reference_clocks.hpp"
#include "daemon/core/sources/source_dirs.hpp"
#include "daemon/core/sources/sources.hpp"
#include "daemon/core/suppressed_reminder.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::core {

// What the core is made of besides its setup. Descriptors named in the setup are taken over.
struct CoreParts {
  async::Loop& loop;  // its clock is the time of all parts
  base::Log& log;
  NtpServer& server;
  control::Operators operators{};            // who may change something at the control interface
  std::optional<ipc::ClockReading> clock{};  // how it runs when we begin; none when it is not to be touched
  int network_events = -1;                   // from open_network_events(); -1: the network is not watched
  std::vector<base::IpAddress> addresses{};  // of this machine; none: not known
  int clock_events = -1;                     // from open_clock_events(); -1: jumps are noticed a little later
  int launcher_fd = ipc::role_channel_fd;
  EventLog* events = nullptr;                // what is kept of the log; none: nothing is
  MeasurementLog* measurements = nullptr;    // likewise
  std::vector<std::string> configuration{};  // its effective lines, for records
  // The sources in the directories of sourcedir; an error leaves those that are known. None: no sourcedir.
  SourceDirs::Read read_source_files{};
  // Opens a file in the launcher's place; none: the launcher is asked.
  std::function<std::expected<base::Fd, std::string>(ipc::FileKind)> open_file{};
  // Likewise for the sockets of the NTP server, when somebody is allowed for the first time.
  std::function<std::expected<std::vector<base::Fd>, std::string>()> open_ntp_sockets{};
  // Likewise for network cards, each with its clock.
  std::function<std::vector<std::pair<ipc::NicOpened, base::Fd>>()> open_nics{};
};

class Core final : public control::Reporter {
 public:
  // Throws std::runtime_error with a sentence when it cannot start.
  Core(const ipc::CoreSetup& setup, const config::Config& config, const CoreParts& parts);

  // Until told to stop; saves its state. Returns the exit status.
  [[nodiscard]] int run();

  [[nodiscard]] engine::TrackingReport tracking() const override;
  [[nodiscard]] std::vector<control::SourceReport> sources() const override;
  [[nodiscard]] std::uint32_t missing_members() const override { return sources_.missing_members(); }
  [[nodiscard]] control::ExplainReport explain() const override;
  [[nodiscard]] std::string metrics(ipc::MetricsFormat format) override;
  [[nodiscard]] EventLog* events() const override { return events_; }
  [[nodiscard]] MeasurementLog* measurements() const override { return measurements_; }
  [[nodiscard]] std::expected<control::Recording, engine::Refusal> begin_recording() override;
  [[nodiscard]] control::ServerReport server() const override;
  [[nodiscard]] std::expected<engine::ClientsPage, engine::Refusal> clients(
      const engine::ClientsQuery& query) override;
  [[nodiscard]] std::vector<control::CertificateReport> certificates() const override;
  [[nodiscard]] std::expected<void, engine::Refusal> rekey() override;
  void await_keys(std::function<void(const std::string& wrong)> done) override;
  [[nodiscard]] std::expected<void, engine::Refusal> apply(const engine::OperatorCommand& command) override;
  [[nodiscard]] std::expected<engine::ManualOutcome, engine::Refusal> set_time(base::RealTime time) override;
  [[nodiscard]] std::vector<engine::ManualEntry> manual_entries() const override;
  [[nodiscard]] engine::SmoothingReport smoothing() const override;
  [[nodiscard]] std::expected<void, engine::Refusal> smooth_time(control::SmoothTimeCommand command) override;
  [[nodiscard]] std::expected<void, engine::Refusal> apply(const control::SourceCommand& command) override;
  [[nodiscard]] std::expected<void, engine::Refusal> apply(const control::ChangeAccess& command) override;
  [[nodiscard]] bool allows(control::AccessList list, const base::IpAddress& address) const override;
  [[nodiscard]] engine::RtcReport real_time_clock() const override;
  [[nodiscard]] std::expected<void, engine::Refusal> apply(control::RtcCommand command) override;
  void reload(bool dry_run, control::ReloadDone done) override;
  void cycle_logs() override;
  void reply_leaves() override { sources_.keep_distance(); }
  void shut_down() override { finish(0); }

 private:
  [[nodiscard]] ClockDriver::Handlers clock_driver_handlers();
  [[nodiscard]] LauncherLink::Handlers launcher_handlers();
  [[nodiscard]] Sources::Handlers sources_handlers();
  [[nodiscard]] std::vector<engine::AssociationReport> association_reports(const base::Now& now) const;
  [[nodiscard]] metrics::View metrics_view() const;
  [[nodiscard]] engine::SourceNames source_names(base::SourceId id) const;
  [[nodiscard]] std::optional<base::Endpoint> source_endpoint(base::SourceId id) const;
  [[nodiscard]] NetworkWatch::Handlers network_handlers();
  [[nodiscard]] ClockClient* make_clock();
  void make_rtc();
  void open_nics();
  void connect_roles();
  void open_file(ipc::FileKind kind);
  void on_file(ipc::FileKind kind, base::Fd file, const std::string& reason);
  void on_temperature_file(ipc::FileKind kind, const base::Fd& file, const std::string& reason);
  void record(const engine::LogRecords& records);
  void keep_measurements(const ClockEvents& events);
  void start();
  void begin_initial_correction();
  asio::awaitable<void> watch_initial_correction();
  void end_initial_correction();
  void begin_work();
  void add_sources();
  void announce();
  [[nodiscard]] RoleClient::Handlers on_demand(ipc::Role role, RoleClient::Handlers handlers);
  [[nodiscard]] ResolveClient::Handlers resolver_handlers();
  void connect_role(ipc::Role role, std::uint8_t index, base::Fd channel);
  void note(const engine::Note& note);
  // A command about one source or reference clock.
  template <class Command>
  [[nodiscard]] Sources::Done carry_out(const Command& command);
  void count_sessions(const ipc::EndedSessions& ended);
  // In the order in which they are listed. Once for each: what follows from them is not handed back.
  void act_on(const ClockEvents& events);
  [[nodiscard]] bool writes_drift() const;
  void on_clock_jumped();
  void on_decided();
  void on_clock_set();
  void publish_view();
  void publish_keys();
  void use_key_secret(const base::Fd& file);
  void use_symmetric_keys(const base::Fd& file);
  void refuse_certificates(const std::string& reason);
  [[nodiscard]] Reload::Handlers reload_handlers();
  void reload_for_launcher();
  void adopt(const config::Config& wanted);
  void adopt_clock(const config::Config& before);
  void adopt_access(const config::Config& before);
  void adopt_keys(const config::Config& before);
  void read_files_again();
  // What was wrong with the files, in sentences; empty: nothing.
  std::string reload_source_dirs();
  // A sentence for each; they are only read.
  [[nodiscard]] std::vector<std::string> wrong_in_source_dirs() const;
  void read_leap_files();
  void end_with(int exit_status);  // by itself; without success the reasons are said
  void finish(int exit_status);
  void save_state();
  void save_history();
  void save_time();
  void save_time_now_and_then();
  void start_server();
  void begin_serving();
  void ask_for_ntp_sockets();
  [[nodiscard]] bool ask_for_peer_sockets();
  void add_peer_socket(base::Fd socket, const std::string& reason);
  void add_ntp_socket(base::Fd socket, const std::string& reason);
  void watch_temperature();
  asio::awaitable<void> read_temperature();
  void find_access_hosts();
  void start_upkeep();
  void on_status_due();
  asio::awaitable<void> watch_server();
  asio::awaitable<void> read_leap_files_daily();
  asio::awaitable<void> give_up_after(base::Seconds timeout);

  ipc::CoreSetup setup_;
  config::Config config_;
  CountedLog log_;
  NtpServer& server_;
  EventLog* events_;
  MeasurementLog* measurements_;
  SourceDirs source_dirs_;
  std::function<std::expected<base::Fd, std::string>(ipc::FileKind)> open_file_;
  std::function<std::expected<std::vector<base::Fd>, std::string>()> open_ntp_sockets_;
  bool ntp_sockets_asked_for_ = false;
  bool peer_sockets_asked_for_ = false;  // the launcher has not answered yet
  std::function<std::vector<std::pair<ipc::NicOpened, base::Fd>>()> open_nics_;
  bool finishing_ = false;
  int exit_status_ = 0;
  bool begun_ = false;  // start() has come to its end
  Reload reload_;
  bool reload_asked_ = false;  // by the launcher, while another one was under way

  ClockStatus status_;
  SuppressedReminder reminder_;
  base::MonoTime time_saved_;

  async::TaskGroup tasks_;
  LauncherLink launcher_;
  std::optional<ClockClient> clock_;  // none: the clock is not touched
  ResolveClient resolver_;
  AccessHosts access_hosts_;
  KeClient ke_client_;
  CertificateMonitor certificates_;
  ReadingAgain reading_again_;
  KeServerLink ke_servers_;
  std::optional<ServerKeys> keys_;                   // when NTS is served
  std::optional<SymmetricKeyStore> symmetric_keys_;  // with keyfile
  std::optional<SigndClient> signd_;                 // with ntpsigndsocket
  std::optional<Broadcaster> broadcaster_;           // with broadcast
  DriftStore drift_;
  LeapStore leap_;
  DumpStore dumps_;
  SavedTime saved_time_;
  OneShot one_shot_;
  std::optional<InitialCorrection> initial_;  // with initstepslew, until it is over
  LogFiles logs_;
  CorrectionMail mail_;
  std::optional<TemperatureWatch> temperature_;
  ClockDriver clock_driver_;
  ReferenceClocks refclocks_;
  MetricsLink metrics_link_;
  RoleTable roles_;
  control::ReplyMemory metrics_texts_;  // by format
  base::MonoTime started_;
  std::optional<RtcDriver> rtc_;  // with rtcfile
  HardwareClocks hardware_;
  std::optional<MeasurementRecorder> recorder_;  // with measurementmemory
  Recorder recording_;
  Sources sources_;
  std::optional<NetworkWatch> network_;
  std::optional<ClockSetWatch> clock_set_;
  std::optional<control::ControlServer> control_;
  cmdmon::CommandServer commands_;
};

}  // namespace gnomon::core
