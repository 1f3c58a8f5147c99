// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/core/core_settings.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/bytes.hpp"
#include "base/os/random.hpp"
#include "daemon/core/built_at.hpp"

namespace gnomon::core {

namespace {

base::Seconds clock_precision(const config::Config& config, const base::Clock& clock) {
  using engine::TimekeeperSettings;
  if (config.clock.clock_precision)
    return std::clamp(*config.clock.clock_precision, TimekeeperSettings::finest_precision,
                      TimekeeperSettings::coarsest_precision);
  return measure_clock_precision(clock);
}

// As chronyd has it: whose clock is how far off is not known, but no timestamp is older than this program by
// much. Half a century leaves room for a build that is dated wrong, and 86 years of use.
base::RealTime era() {
  return built_at() - std::chrono::days{18250};
}

// Who was asked before a restart is not to compare.
std::uint32_t random_epoch() {
  std::array<std::uint8_t, sizeof(std::uint32_t)> octets{};
  base::fill_random(octets);
  return base::ByteReader{octets}.read<std::uint32_t>().value_or(0);
}

}  // namespace

base::Seconds measure_clock_precision(const base::Clock& clock) {
  // A simulated clock may stand still while it is read.
  constexpr int most_readings = 100'000;
  constexpr base::Duration unknown = std::chrono::nanoseconds{100};
  auto smallest = base::Duration::max();
  auto last = clock.now().real;
  for (int seen = 0, readings = 0; seen < 100 && readings < most_readings; ++readings) {
    const auto now = clock.now().real;
    if (now <= last) continue;
    smallest = std::min(smallest, now - last);
    last = now;
    ++seen;
  }
  return base::to_seconds(smallest == base::Duration::max() ? unknown : smallest);
}

bool steers(const ipc::CoreSetup& setup) {
  return setup.clock_fd >= 0 && !setup.no_clock_control;
}

bool corrects_initially(const ipc::CoreSetup& setup, const config::Config& config) {
  const auto& initial = config.clock.init_step_slew;
  return setup.mode == ipc::CoreMode::daemon && !setup.no_start_adjustments && initial &&
         !initial->hosts.empty();
}

engine::TimekeeperSettings timekeeper_settings(const ipc::CoreSetup& setup, const config::Config& config,
                                               const base::Clock& clock, bool with_clock, double initial_rate,
                                               std::optional<engine::DriftFile> drift) {
  return {.clock = config.clock,
          .selection = config.selection,
          .local = config.server.local,
          .log_change = config.process.log_change,
          .manual = config.control.manual,
          .smooth_time = config.server.smooth_time,
          .steer = with_clock,
          .no_start_adjustments = setup.no_start_adjustments,
          .one_shot = setup.mode != ipc::CoreMode::daemon,
          .set_once = setup.mode == ipc::CoreMode::set_once,
          .corrects_initially = corrects_initially(setup, config),
          .clock_precision = clock_precision(config, clock),
          .drift = drift,
          .records = records(setup, config),
          .initial_rate = initial_rate,
          .epoch = random_epoch()};
}

engine::Tuning tuning_of(const ipc::CoreSetup& setup, const config::Config& config) {
  return {.clock = config.clock,
          .selection = config.selection,
          .log_change = config.process.log_change,
          .records = records(setup, config)};
}

bool is_debugged(const ipc::CoreSetup& setup) {
  return setup.log_level < 0;
}

bool records(const ipc::CoreSetup& setup, const config::Config& config) {
  return is_debugged(setup) || !log_settings(setup, config).logs.empty();
}

config::ProcessSettings log_settings(const ipc::CoreSetup& setup, const config::Config& config) {
  auto settings = config.process;
  if (setup.mode != ipc::CoreMode::daemon) settings.logs.clear();
  return settings;
}

std::string dump_directory(const ipc::CoreSetup& setup, const config::Config& config) {
  return setup.mode == ipc::CoreMode::daemon ? config.process.dump_dir : std::string{};
}

std::string saved_time_path(const config::Config& config) {
  auto folder = std::filesystem::path{config.nts.dump_dir};
  if (folder.empty()) folder = std::filesystem::path{config.clock.drift_file}.parent_path();
  return folder.empty() ? std::string{} : (folder / "gnomon.time").native();
}

ReferenceClocks::Settings refclock_settings(const ipc::CoreSetup& setup, const config::Config& config,
                                            const base::Clock& clock) {
  return {.clocks = config.hardware.reference_clocks,
          .clock_precision = clock_precision(config, clock),
          .records = records(setup, config)};
}

namespace {

AnswerRequest answerer(NtpServer& server) {
  return [&server](const engine::Received& request, base::MutableBytes out) {
    return server.answer(request.datagram, request.from.address, request.received.time, out);
  };
}

}  // namespace

SourcesSettings sources_settings(const ipc::CoreSetup& setup, const config::Config& config,
                                 const base::Clock& clock, std::optional<base::RealTime> saved,
                                 NtpServer& server, NicTables nics) {
  // Who only prints the time may run beside a daemon, whose cookies those are.
  const bool keeps_cookies = setup.mode != ipc::CoreMode::print_once;
  return {.context = {.clock_precision = clock_precision(config, clock),
                      .max_clock_error = config.clock.max_clock_error,
                      .era = era(),
                      .ignore_certificate_dates = config.nts.no_certificate_time_check > 0,
                      .one_shot = setup.mode != ipc::CoreMode::daemon,
                      .aeads = config.nts.aeads,
                      .nts_refresh = config.nts.refresh,
                      .ptp_port = config.server.ptp_port,
                      .family = setup.family,
                      .name_refresh = config.selection.refresh,
                      .max_samples = config.selection.max_samples,
                      .own = {.serves = server.serves()}},
          .client = config.client,
          .server = config.server,
          .no_certificate_time_check = config.nts.no_certificate_time_check,
          .nts_directory = keeps_cookies ? config.nts.dump_dir : std::string{},
          .clock_trust = {.built = built_at(), .saved = saved},
          .own_requests = config.server.port != 0 ? &server.own_requests() : nullptr,
          .records = records(setup, config),
          .acquisition_sockets = setup.acquisition_sockets,
          .first_id = static_cast<std::uint32_t>(config.hardware.reference_clocks.size()) + 1,
          .peer_sockets = setup.peer_sockets,
          .answer = answerer(server),
          .ptp_sockets = setup.ptp_client_sockets,
          .nics = config.hardware.timestamping.empty() ? NicTables{} : std::move(nics),
          .tx_timeout = base::to_duration(config.hardware.timestamp_timeout)};
}

std::vector<base::Fd> take_over(const std::vector<int>& descriptors) {
  std::vector<base::Fd> owned;
  owned.reserve(descriptors.size());
  for (const int descriptor : descriptors) owned.emplace_back(descriptor);
  return owned;
}

}  // namespace gnomon::core
