// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_setups.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace gnomon::launcher {
namespace {

using config::RunMode;

std::vector<int> number(int& next, std::size_t count) {
  std::vector<int> numbers(count);
  for (auto& number : numbers) number = next++;
  return numbers;
}

int number_if(int& next, bool present) {
  return present ? next++ : -1;
}

ipc::CoreMode core_mode(RunMode mode) {
  switch (mode) {
    case RunMode::set_once:
      return ipc::CoreMode::set_once;
    case RunMode::print_once:
      return ipc::CoreMode::print_once;
    case RunMode::daemon:
    case RunMode::print_config:
      break;
  }
  return ipc::CoreMode::daemon;
}

ipc::LeapMaker leap_maker(config::LeapSecondMode mode) {
  switch (mode) {
    case config::LeapSecondMode::system:
      return ipc::LeapMaker::kernel;
    case config::LeapSecondMode::step:
      return ipc::LeapMaker::step;
    case config::LeapSecondMode::slew:
      return ipc::LeapMaker::slew;
    case config::LeapSecondMode::ignore:
      break;
  }
  return ipc::LeapMaker::nobody;
}

// The configuration has no others.
ipc::RefclockDriver driver_of(const std::string& name) {
  using enum ipc::RefclockDriver;
  if (name == "SOCK") return sock;
  if (name == "PPS") return pps;
  if (name == "PHC") return phc;
  return name == "RTC" ? rtc : shm;
}

}  // namespace

bool steers_clock(const config::CommandLine& options) {
  return !options.no_clock_control && options.mode != RunMode::print_once;
}

bool needs_ke_client(const config::Config& config) {
  return std::ranges::any_of(config.sources, &config::Source::nts) || !config.process.source_dirs.empty();
}

bool needs_refclock(const config::Config& config) {
  return !config.hardware.reference_clocks.empty();
}

int ke_server_count(const config::NtsSettings& nts) {
  return std::clamp(nts.processes, 1, 255);
}

ipc::ClockBudget clock_budget(const config::ClockSettings& clock, const config::CommandLine& options) {
  ipc::ClockBudget budget{.max_slew_rate_ppm = clock.max_slew_rate.value,
                          .max_drift_ppm = clock.max_drift.value,
                          .leap_maker = leap_maker(clock.leap_second_mode)};
  if (clock.make_step) {
    budget.step_threshold_s = clock.make_step->threshold.count();
    budget.step_limit = clock.make_step->limit;
  }
  if (const auto& initial = clock.init_step_slew;
      initial && !initial->hosts.empty() && budget.step_limit >= 0) {
    const double threshold = initial->threshold.count();
    budget.step_threshold_s =
        budget.step_limit > 0 ? std::min(budget.step_threshold_s, threshold) : threshold;
    ++budget.step_limit;
  }
  // -R: a step at the start is not wanted, one that is allowed at any time is.
  if (options.no_start_adjustments && budget.step_limit > 0) {
    budget.step_threshold_s = 0;
    budget.step_limit = 0;
  }
  // -q sets the clock once, by whatever it is wrong.
  if (options.mode == RunMode::set_once) {
    budget.step_threshold_s = 0;
    budget.step_limit = 1;
  }
  if (clock.max_change) {
    budget.max_change_s = clock.max_change->offset.count();
    budget.max_change_start = clock.max_change->start;
    if (clock.init_step_slew && budget.max_change_start >= 0) ++budget.max_change_start;
  }
  return budget;
}

ipc::ClockBudget clock_budget_of(const config::Config& config, const config::CommandLine& options) {
  constexpr double largest_compensation = 10;  // ppm, chrony.conf(5)
  constexpr double largest_drift = 100000;     // ppm
  auto budget = clock_budget(config.clock, options);
  const auto add = [&](double ppm) {
    budget.max_drift_ppm = std::min(budget.max_drift_ppm + ppm, largest_drift);
  };
  if (config.hardware.temperature) add(largest_compensation);
  // What a clock with `local` may add (engine::LocalFollower).
  constexpr double largest_correction = 500;  // ppm
  if (std::ranges::any_of(config.hardware.reference_clocks, &config::RefClock::local))
    add(largest_correction);
  return budget;
}

ipc::FirstTime first_time(const config::Config& config, const config::CommandLine& options,
                          const RealTimeClock& rtc) {
  ipc::FirstTime first{.wanted = options.set_from_rtc};
  if (rtc.error) {
    first.rtc_reference = rtc.error->reference;
    first.rtc_fast_s = rtc.error->fast.count();
    first.rtc_gain_ppm = rtc.error->gain.value;
  }
  struct stat file{};
  if (first.wanted && !config.clock.drift_file.empty() && stat(config.clock.drift_file.c_str(), &file) == 0)
    first.not_before_s = static_cast<double>(file.st_mtim.tv_sec);
  return first;
}

ipc::RtcSetup rtc_setup(const config::Config& config, const RealTimeClock& rtc, int fd) {
  return {.fd = fd, .device = config.hardware.rtc_device, .on_utc = rtc.on_utc, .tracked = rtc.tracked};
}

ipc::KeServerSetup ke_server_setup(const config::Config& config, const ipc::RoleIdentity& identity,
                                   std::size_t listeners) {
  int next = first_inherited_fd;
  ipc::KeServerSetup setup{.identity = identity,
                           .listeners = number(next, listeners),
                           .ntp_port = config.server.port,
                           .ntp_server = config.nts.ntp_server,
                           .aeads = config.nts.aeads,
                           .max_connections = static_cast<std::uint32_t>(config.nts.max_connections),
                           .access = config.server.access};
  for (const auto& pair : config.nts.certificates)
    setup.certificates.push_back({pair.certificate_file, pair.key_file});
  if (const auto& limit = config.nts.rate_limit; limit && !config.server.no_client_log) {
    setup.rate_limit = true;
    setup.rate_interval = static_cast<std::int8_t>(limit->interval.value);
    setup.rate_burst = static_cast<std::uint8_t>(limit->burst);
    setup.rate_leak = static_cast<std::uint8_t>(limit->leak);
  }
  return setup;
}

ipc::KeClientSetup ke_client_setup(const config::Config& config, const ipc::RoleIdentity& identity) {
  ipc::KeClientSetup setup{.identity = identity,
                           .system_certificates = !config.nts.no_system_certificates,
                           .bind_addresses = config.client.bind_addresses};
  for (const auto& trusted : config.nts.trusted_certificates)
    setup.trusted.push_back({trusted.set, trusted.path});
  return setup;
}

ipc::RefclockSetup refclock_setup(const config::Config& config, const ipc::RoleIdentity& identity,
                                  std::vector<int> sockets) {
  ipc::RefclockSetup setup{.identity = identity, .devices = {}, .sockets = std::move(sockets)};
  // So that none is missing in the file at the end.
  setup.at_once = std::ranges::find(config.process.logs, "refclocks") != config.process.logs.end();
  for (const auto& clock : config.hardware.reference_clocks)
    setup.devices.push_back({.driver = driver_of(clock.driver),
                             .poll = static_cast<std::int8_t>(clock.poll),
                             .driver_poll = static_cast<std::int8_t>(std::min(clock.driver_poll, clock.poll)),
                             .parameter = clock.parameter});
  return setup;
}

ipc::CoreSetup core_setup(const config::CommandLine& options, const ipc::RoleIdentity& identity,
                          const CoreDescriptors& descriptors) {
  int next = first_inherited_fd;
  ipc::CoreSetup setup;
  setup.identity = identity;
  setup.program = options.program;
  setup.mode = core_mode(options.mode);
  setup.no_clock_control = !steers_clock(options);
  setup.no_start_adjustments = options.no_start_adjustments;
  setup.restore_history = options.restore_history;
  setup.family = options.family;
  setup.timeout = options.timeout.value_or(base::Seconds{}).count();
  setup.log_level = options.debug > 1 ? -1 : options.log_level;
  setup.config_fd = number_if(next, true);
  setup.clock_fd = number_if(next, descriptors.clock);
  setup.resolve_fd = number_if(next, descriptors.resolve);
  setup.ke_client_fd = number_if(next, descriptors.ke_client);
  setup.refclock_fd = number_if(next, descriptors.refclock);
  setup.metrics_fd = number_if(next, descriptors.metrics);
  setup.ke_server_fds = number(next, descriptors.ke_servers);
  setup.ntp_sockets = number(next, descriptors.ntp_sockets);
  setup.acquisition_sockets = number(next, descriptors.acquisition_sockets);
  setup.peer_sockets = number(next, descriptors.peer_sockets);
  setup.ptp_sockets = number(next, descriptors.ptp_sockets);
  setup.ptp_client_sockets = number(next, descriptors.ptp_client_sockets);
  setup.key_secret_fd = number_if(next, descriptors.key_secret);
  setup.symmetric_keys_fd = number_if(next, descriptors.symmetric_keys);
  setup.control_fd = number_if(next, descriptors.control);
  setup.command_sockets = number(next, descriptors.command_sockets);
  setup.command_relay_fd = number_if(next, descriptors.command_relay);
  setup.sources_fd = number_if(next, descriptors.sources);
  setup.mailer_fd = number_if(next, descriptors.mailer);
  setup.event_memory_fd = number_if(next, descriptors.event_memory);
  setup.measurement_memory_fd = number_if(next, descriptors.measurement_memory);
  return setup;
}

}  // namespace gnomon::launcher
