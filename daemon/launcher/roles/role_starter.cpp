// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_starter.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "base/os/channel.hpp"
#include "base/os/log.hpp"
#include "daemon/launcher/roles/role_setups.hpp"
#include "daemon/launcher/roles/scheduling.hpp"
#include "daemon/launcher/sockets/acquisition_sockets.hpp"

namespace gnomon::launcher {
namespace {

// Nothing else of gnomond's environment reaches a role: how messages are written, the resolver's settings,
// where trusted authorities stand, and what a sanitizer build is told by.
std::vector<std::string> environment_of_roles() {
  return base::chosen_environment({"JOURNAL_STREAM", base::levels_variable, "TZ", "RES_OPTIONS",
                                   "LOCALDOMAIN", "SSL_CERT_FILE", "SSL_CERT_DIR", "ASAN_OPTIONS",
                                   "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"});
}

// A descriptor that is to have a number beyond the limit is EINVAL.
const char* remedy_of_start(int error) {
  if (error == EMFILE || error == EINVAL)
    return "too few files may be open: raise LimitNOFILE= of the service, or `ulimit -n`";
  if (error == EAGAIN || error == ENOMEM)
    return "the limit of processes or of memory is too low: see LimitNPROC=, TasksMax=, LimitAS= and "
           "MemoryMax= of the "
           "service";
  if (error == ENOENT && access("/dev/null", F_OK) != 0) return "there is no /dev/null";
  return "is the installation complete?";
}

}  // namespace

std::string RoleStarter::could_not_start(const RoleId& role, const base::OsError& error) const {
  return fmt::format("Could not start {} ({}): {}; {}", to_string(role), programs_.path_of(role.program),
                     base::to_string(error), remedy_of_start(error.code));
}

RoleStarter::RoleStarter(Programs programs, config::Config config, config::CommandLine options,
                         Identities identities, KeListeners ke_listeners, RoleMemories memories,
                         std::vector<base::Fd> sample_sockets, RealTimeClock rtc,
                         std::vector<base::Fd> metrics_listeners)
    : programs_(std::move(programs)),
      config_(std::move(config)),
      options_(std::move(options)),
      identities_(std::move(identities)),
      ke_listeners_(std::move(ke_listeners)),
      memories_(std::move(memories)),
      sample_sockets_(std::move(sample_sockets)),
      rtc_(std::move(rtc)),
      metrics_listeners_(std::move(metrics_listeners)) {}

std::vector<RoleId> RoleStarter::helpers() const {
  std::vector<RoleId> helpers;
  if (steers_clock(options_) || tracks_rtc(config_, options_)) helpers.push_back({Program::clock});
  helpers.push_back({Program::resolve});
  if (needs_ke_client(config_)) helpers.push_back({Program::ke_client});
  if (needs_refclock(config_)) helpers.push_back({Program::refclock});
  if (!metrics_listeners_.empty()) helpers.push_back({Program::metrics});
  if (serves_ke())
    for (int index = 0; index < ke_server_count(config_.nts); ++index)
      helpers.push_back({Program::ke_server, static_cast<std::uint8_t>(index)});
  return helpers;
}

void RoleStarter::choose_users() {
  if (!std::exchange(users_chosen_, true)) identities_.helpers = choose_role_users();
}

// With initstepslew it finds and asks servers before.
bool RoleStarter::core_is_ready_alone() const {
  return options_.mode == config::RunMode::daemon && !config_.clock.init_step_slew;
}

// -1, as there is none, stays that.
int RoleStarter::Inherited::add(int descriptor) {
  if (descriptor < 0) return -1;
  descriptors.push_back(descriptor);
  return first_inherited_fd + static_cast<int>(descriptors.size()) - 1;
}

RoleStarter::Inherited RoleStarter::inheritance_of(const RoleId& role, StartReason reason) const {
  Inherited inherited;
  if (role.program == Program::clock) {
    inherited.clock_memory = inherited.add(memories_.clock.get());
    inherited.rtc = inherited.add(rtc_.device.get());
  }
  if (role.program == Program::ke_server) {
    for (const auto& listener : ke_listeners_.sockets) inherited.add(listener.get());
    inherited.ke_rates = inherited.add(memories_.ke_rates.get());
  }
  if (role.program == Program::refclock)
    for (const auto& socket : sample_sockets_)
      inherited.sample_sockets.push_back(inherited.add(socket.get()));
  if (role.program == Program::metrics)
    for (const auto& listener : metrics_listeners_)
      inherited.metrics_listeners.push_back(inherited.add(listener.get()));
  // What is new may be worth saying again.
  if (reason == StartReason::first || reason == StartReason::again)
    inherited.log = inherited.add(memories_.log_of(role));
  return inherited;
}

std::vector<std::string> RoleStarter::arguments_of(Program program, const Inherited& inherited,
                                                   StartReason reason) const {
  const auto with_role = [](const char* role, std::vector<std::string> words) {
    words.insert(words.begin(), role);
    return words;
  };
  const auto& core = identities_.core;
  const ipc::RoleIdentity identity{.user = identities_.helpers.of(program, core.user),
                                   .lock_memory = core.lock_memory,
                                   .report_only = core.report_only,
                                   .log_fd = inherited.log};
  switch (program) {
    case Program::clock:
      return ipc::to_arguments(
          ipc::ClockSetup{identity, clock_budget_of(config_, options_), first_time(config_, options_, rtc_),
                          rtc_setup(config_, rtc_, inherited.rtc), inherited.clock_memory});
    case Program::ke_client:
      return with_role("client", ipc::to_arguments(ke_client_setup(config_, identity)));
    case Program::ke_server: {
      auto setup = ke_server_setup(config_, identity, ke_listeners_.sockets.size());
      setup.replaces = reason == StartReason::replacement;
      setup.rate_fd = inherited.ke_rates;
      return with_role("server", ipc::to_arguments(setup));
    }
    case Program::refclock:
      return ipc::to_arguments(refclock_setup(config_, identity, inherited.sample_sockets));
    case Program::metrics:
      return ipc::to_arguments(ipc::MetricsSetup{identity, inherited.metrics_listeners});
    case Program::resolve:
      return ipc::to_arguments(ipc::ResolveSetup{identity});
    case Program::core:
      break;  // start_core() knows what it inherits
  }
  return {};
}

std::expected<void, std::string> RoleStarter::reopen_ke_listeners(base::Log& log) {
  auto opened = launcher::reopen_ke_listeners(config_, options_, log);
  if (!opened) return std::unexpected(std::move(opened.error()));
  ke_listeners_.sockets = std::move(*opened);
  for (const auto& listener : ke_listeners_.sockets) fcntl(listener.get(), F_SETFL, O_NONBLOCK);
  return {};
}

std::expected<std::vector<base::Fd>, std::string> RoleStarter::open_ntp_sockets(
    const std::vector<base::Fd>& peers, base::Log& log) const {
  return open_late_ntp_sockets(config_, options_, peers, log);
}

std::expected<std::vector<base::Fd>, std::string> RoleStarter::open_peer_sockets(
    const std::vector<base::Fd>& servers) const {
  return open_late_peer_sockets(config_, options_, servers);
}

base::OsResult<base::Child> RoleStarter::spawn(Program program, std::vector<std::string> arguments,
                                               const base::Fd& channel,
                                               const std::vector<int>& descriptors) const {
  base::Program what{.path = programs_.path_of(program),
                     .arguments = std::move(arguments),
                     .descriptors = {channel.get()},
                     .environment = environment_of_roles(),
                     .standard_error = standard_error_(program),
                     .priority = priority_of(program, config_, options_),
                     .file = programs_.file_of(program)};
  what.descriptors.insert(what.descriptors.end(), descriptors.begin(), descriptors.end());
  return base::spawn(what);
}

base::OsResult<StartedRole> RoleStarter::start(Program program, std::vector<std::string> arguments,
                                               const std::vector<int>& descriptors) const {
  auto channel = base::make_channel();
  if (!channel) return std::unexpected(channel.error());
  auto child = spawn(program, std::move(arguments), channel->theirs, descriptors);
  if (!child) return std::unexpected(child.error());
  return StartedRole{std::move(*child), std::move(channel->ours)};
}

base::OsResult<base::Child> RoleStarter::start_helper(const RoleId& role, StartReason reason,
                                                      const base::Fd& channel) const {
  const auto inherited = inheritance_of(role, reason);
  return spawn(role.program, arguments_of(role.program, inherited, reason), channel, inherited.descriptors);
}

base::OsResult<StartedRole> RoleStarter::start_helper(const RoleId& role, StartReason reason) const {
  const auto inherited = inheritance_of(role, reason);
  return start(role.program, arguments_of(role.program, inherited, reason), inherited.descriptors);
}

base::OsResult<StartedRole> RoleStarter::start_core(const CoreInheritance& inheritance) const {
  CoreDescriptors present{.ntp_sockets = inheritance.ntp_sockets.size(),
                          .acquisition_sockets = inheritance.acquisition_sockets.size(),
                          .peer_sockets = inheritance.peer_sockets.size(),
                          .ptp_sockets = inheritance.ptp_sockets.size(),
                          .ptp_client_sockets = inheritance.ptp_client_sockets.size(),
                          .key_secret = static_cast<bool>(inheritance.key_secret),
                          .symmetric_keys = static_cast<bool>(inheritance.symmetric_keys),
                          .control = inheritance.control >= 0,
                          .command_sockets = inheritance.command_sockets.size(),
                          .command_relay = static_cast<bool>(inheritance.command_relay),
                          .sources = static_cast<bool>(inheritance.sources),
                          .mailer = static_cast<bool>(inheritance.mailer),
                          .event_memory = static_cast<bool>(memories_.core.events),
                          .measurement_memory = static_cast<bool>(memories_.core.measurements)};
  std::vector<int> descriptors{inheritance.config.get()};
  // The order in which core_setup() numbers them.
  for (const auto program : {Program::clock, Program::resolve, Program::ke_client, Program::refclock,
                             Program::metrics, Program::ke_server})
    for (const auto& [role, channel] : inheritance.helpers) {
      if (role.program != program) continue;
      descriptors.push_back(channel.get());
      if (program == Program::clock) present.clock = true;
      if (program == Program::resolve) present.resolve = true;
      if (program == Program::ke_client) present.ke_client = true;
      if (program == Program::refclock) present.refclock = true;
      if (program == Program::metrics) present.metrics = true;
      if (program == Program::ke_server) ++present.ke_servers;
    }
  for (const auto& socket : inheritance.ntp_sockets) descriptors.push_back(socket.get());
  for (const auto& socket : inheritance.acquisition_sockets) descriptors.push_back(socket.get());
  for (const auto& socket : inheritance.peer_sockets) descriptors.push_back(socket.get());
  for (const auto& socket : inheritance.ptp_sockets) descriptors.push_back(socket.get());
  for (const auto& socket : inheritance.ptp_client_sockets) descriptors.push_back(socket.get());
  if (present.key_secret) descriptors.push_back(inheritance.key_secret.get());
  if (present.symmetric_keys) descriptors.push_back(inheritance.symmetric_keys.get());
  if (present.control) descriptors.push_back(inheritance.control);
  for (const auto& socket : inheritance.command_sockets) descriptors.push_back(socket.get());
  if (present.command_relay) descriptors.push_back(inheritance.command_relay.get());
  if (present.sources) descriptors.push_back(inheritance.sources.get());
  if (present.mailer) descriptors.push_back(inheritance.mailer.get());
  if (present.event_memory) descriptors.push_back(memories_.core.events.get());
  if (present.measurement_memory) descriptors.push_back(memories_.core.measurements.get());
  auto setup = core_setup(options_, identities_.core, present);
  setup.operators_group = identities_.operators_group;
  return start(Program::core, ipc::to_arguments(setup), descriptors);
}

}  // namespace gnomon::launcher
