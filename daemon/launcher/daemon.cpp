// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/daemon.hpp"

#include <linux/capability.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/os/credentials.hpp"
#include "base/os/socket.hpp"
#include "base/os/systemd.hpp"
#include "daemon/launcher/drop_privileges.hpp"
#include "daemon/launcher/files/clock_memory.hpp"
#include "daemon/launcher/files/config_file.hpp"
#include "daemon/launcher/files/folders.hpp"
#include "daemon/launcher/files/hwclock_file.hpp"
#include "daemon/launcher/files/kept_memory.hpp"
#include "daemon/launcher/files/pid_file.hpp"
#include "daemon/launcher/files/synchronised_file.hpp"
#include "daemon/launcher/mailer.hpp"
#include "daemon/launcher/roles/reload_limits.hpp"
#include "daemon/launcher/roles/role_memories.hpp"
#include "daemon/launcher/roles/role_setups.hpp"
#include "daemon/launcher/roles/role_starter.hpp"
#include "daemon/launcher/roles/scheduling.hpp"
#include "daemon/launcher/roles/supervisor.hpp"
#include "daemon/launcher/roles/trust_watch.hpp"
#include "daemon/launcher/sandbox.hpp"
#include "daemon/launcher/sockets/acquisition_sockets.hpp"
#include "daemon/launcher/sockets/command_sockets.hpp"
#include "daemon/launcher/sockets/control_socket.hpp"
#include "daemon/launcher/sockets/kept_sockets.hpp"
#include "daemon/launcher/sockets/listeners.hpp"
#include "daemon/launcher/sockets/metrics_sockets.hpp"
#include "daemon/launcher/sockets/sample_sockets.hpp"

namespace gnomon::launcher {
namespace {

using config::RunMode;
template <class T>
using OrSentence = std::expected<T, std::string>;

bool wants_file(const std::string& path, const config::CommandLine& options) {
  return !path.empty() && path != "/" && options.mode != RunMode::print_once;
}

bool in_background(const config::CommandLine& options) {
  return options.mode == RunMode::daemon && !options.foreground && options.debug == 0;
}

OrSentence<void> refuse_second_daemon(const config::Config& config, const config::CommandLine& options) {
  const auto& path = config.process.pid_file;
  if (!wants_file(path, options)) return {};
  const auto other = running_process(path);
  if (!other) return {};
  return std::unexpected(
      fmt::format("Another daemon is already running (pid={}, {} is its pid file): stop it, or name another "
                  "file with `pidfile`",
                  *other, path));
}

// Root must not run without the file that keeps a second daemon away; others often cannot write where it is.
OrSentence<std::optional<PidFile>> write_pid_file(const config::Config& config,
                                                  const config::CommandLine& options,
                                                  const Privileges& privileges, const std::string& user,
                                                  base::Log& log) {
  const auto& path = config.process.pid_file;
  if (!wants_file(path, options)) return std::nullopt;
  auto folder = make_folder(std::filesystem::path{path}.parent_path(), user, 0755);
  auto written = folder ? PidFile::write(path) : OrSentence<PidFile>{std::unexpected(folder.error())};
  if (written) return std::optional<PidFile>{std::move(*written)};
  const auto sentence =
      fmt::format("Could not write the pid file {}: {}; name another with `pidfile`, or `pidfile /` for none",
                  path, written.error());
  if (privileges.root) return std::unexpected(sentence);
  log.write(base::LogEvent::pid_file_not_written, sentence, {{base::LogField::file, path}});
  return std::nullopt;
}

OrSentence<ControlSocket> open_control(const config::Config& config, const config::CommandLine& options,
                                       const Privileges& privileges, const std::string& user,
                                       std::vector<base::ActivatedSocket>& inherited, base::Log& log) {
  const auto& path = config.control.socket;
  if (!wants_file(path, options)) return ControlSocket{};
  auto control = ControlSocket::open(path, user, inherited);
  if (control) return std::move(*control);
  const auto sentence = fmt::format(
      "No control socket at {}: {}; gnomonctl cannot reach this daemon; use `controlsocket` to name a path "
      "that it can write",
      path, control.error());
  if (privileges.root) return std::unexpected(sentence);
  log.write(base::LogEvent::control_socket_missing, sentence, {{base::LogField::file, path}});
  return ControlSocket{};
}

void name_directives_without_effect(const config::Config& config, base::Log& log) {
  const auto& names = config.without_effect;
  if (!names.empty())
    log.write(base::LogEvent::directives_without_effect,
              fmt::format("Unsupported in this version, without effect: {}", fmt::join(names, ", ")));
}

void name_unread_folders(const std::vector<config::FolderTrouble>& troubles, base::Log& log) {
  for (const auto& trouble : troubles)
    log.write(base::LogEvent::folder_not_read,
              fmt::format("Nothing is read from {}: {}; make it readable for the user who starts gnomond, or "
                          "correct the `confdir` or `include`",
                          trouble.folder, trouble.reason),
              {{base::LogField::directive, "confdir"},
               {base::LogField::file, trouble.folder},
               {base::LogField::reason, trouble.reason}});
}

config::Parsed with_hwclock_file(config::Parsed parsed, base::Log& log) {
  const auto& path = parsed.config.hardware.hwclock_file;
  if (const auto why = apply_hwclock_file(parsed.config.hardware))
    log.write(base::LogEvent::rtc_setting_unread,
              fmt::format("Could not read RTC LOCAL/UTC setting from {}: {}", path, *why),
              {{base::LogField::directive, "hwclockfile"}, {base::LogField::file, path}});
  return parsed;
}

void name_odd_sources(const config::Config& config, base::Log& log) {
  // Without `local` nobody says which second a pulse begins.
  const auto numbers_nothing = [](const config::RefClock& clock) {
    const bool pulses = clock.driver == "PPS" || clock.pps || clock.parameter.contains(":extpps");
    return pulses && clock.lock_reference_id.empty();
  };
  const auto& clocks = config.hardware.reference_clocks;
  const bool none = config.sources.empty() && config.process.source_dirs.empty() && !config.server.local;
  if (none && !clocks.empty() && std::ranges::all_of(clocks, numbers_nothing))
    log.write(
        base::LogEvent::no_sources_configured,
        "The only configured sources give pulses without a time, and nothing numbers them: the clock is not "
        "steered. Add servers or a reference clock with the whole time, or `local` if any second will do");
}

void name_missing_locks(const std::vector<config::RefClock>& clocks, base::Log& log) {
  std::vector<std::string> names;
  names.reserve(clocks.size());
  for (const auto& clock : clocks) names.push_back(config::reference_name(clock, names.size()));
  for (std::size_t i = 0; i < clocks.size(); ++i)
    if (const auto& lock = clocks[i].lock_reference_id;
        !lock.empty() && std::ranges::find(names, lock) == names.end())
      log.write(
          base::LogEvent::directives_without_effect,
          fmt::format("Invalid lock refid {}: no reference clock has it, so the system clock numbers the "
                      "pulses of {}. Correct `lock`, or give the clock that tells the seconds that refid",
                      lock, names[i]),
          {{base::LogField::source, names[i]}});
}

std::optional<ino_t> inode_of(int descriptor) {
  struct stat file{};
  return fstat(descriptor, &file) == 0 ? std::optional{file.st_ino} : std::nullopt;
}

struct Preparation {
  Privileges privileges;
  std::string user;
  std::int64_t operators_group = -1;
  std::vector<base::ActivatedSocket> inherited;
  std::vector<ino_t> activated;  // what they were: numbers of those that are closed are given again
  Listeners listeners;
};

// Without root a port below 1024 and a directory in /run are out of reach, which is no reason not to run.
CommandSockets open_commands(const config::Config& config, const config::CommandLine& options,
                             Preparation& prepared, base::Log& log) {
  auto opened = open_command_sockets(
      config, options, {.user = user_number(prepared.user), .operators = prepared.operators_group},
      prepared.inherited);
  if (!opened.failures.empty())
    log.write(
        base::LogEvent::command_socket_missing,
        fmt::format("chronyc cannot reach this daemon at {}; correct `bindcmdaddress` and `cmdport`, or "
                    "set `cmdport 0` and `bindcmdaddress /` if nobody needs it",
                    fmt::join(opened.failures, ", ")),
        {{base::LogField::directive, "bindcmdaddress"}});
  if (!opened.deaf.empty())
    log.write(base::LogEvent::device_awaited,
              fmt::format("bindcmddevice {}: this machine does not have that interface (yet): requests of "
                          "chronyc that arrive through it are answered once it exists, others over UDP never",
                          config.control.command_device),
              {{base::LogField::directive, "bindcmddevice"}});
  return opened;
}

// What is decided and opened before the daemon leaves the terminal: most failures are seen there.
OrSentence<Preparation> prepare(const config::CommandLine& options, const config::Config& config,
                                base::Log& log) {
  Preparation prepared{.privileges = read_privileges()};
  if (auto clock = check_clock_rights(options, prepared.privileges); !clock)
    return std::unexpected(clock.error());
  auto user = choose_user(options, config.process, prepared.privileges, user_exists);
  if (!user) return std::unexpected(user.error());
  prepared.user = std::move(*user);
  prepared.operators_group = operators_group();
  if (auto alone = refuse_second_daemon(config, options); !alone) return std::unexpected(alone.error());
  if (auto activated = base::take_activated_sockets()) prepared.inherited = std::move(*activated);
  for (const auto& socket : prepared.inherited)
    if (const auto inode = inode_of(socket.fd.get())) prepared.activated.push_back(*inode);
  auto listeners = open_listeners(config, options, prepared.inherited, log);
  if (!listeners) return std::unexpected(listeners.error());
  prepared.listeners = std::move(*listeners);
  if (options.mode != config::RunMode::print_once)
    prepared.listeners.peers =
        open_peer_sockets(config, options, prepared.listeners.ntp, prepared.listeners.acquisition);
  return prepared;
}

// Before what there is to say of this start.
void announce(const config::CommandLine& options, base::Log& log) {
  // As `chronyd -v` has it: programs read from that line what chrony it is as good as.
  const auto name =
      options.program == "chronyd"
          ? fmt::format("chronyd version {} starting (gnomon {})", config::chrony_spoken, GNOMON_VERSION)
          : fmt::format("{} version {} starting", options.program, GNOMON_VERSION);
  log.write(base::LogEvent::daemon_starting, name, {{base::LogField::version, GNOMON_VERSION}});
}

// None where it cannot be had: then it only ends with gnomon-clock.
base::Fd clock_memory_for(const config::CommandLine& options, std::vector<base::ActivatedSocket>& inherited) {
  if (!steers_clock(options) || options.mode != RunMode::daemon) return {};
  auto memory = open_clock_memory(inherited);
  return memory ? std::move(*memory) : base::Fd{};
}

// None for who runs once, beside a daemon perhaps.
CoreMemories core_memories_for(const config::CommandLine& options, const config::Config& config,
                               std::vector<base::ActivatedSocket>& inherited) {
  if (options.mode != RunMode::daemon) return {};
  return {.events = open_ring_memory(event_memory_name, config.control.event_memory, inherited),
          .measurements =
              open_ring_memory(measurement_memory_name, config.control.measurement_memory, inherited)};
}

// Who only measures makes nobody's clock right.
SynchronisedFile synchronised_file_for(const config::CommandLine& options) {
  if (!steers_clock(options) || options.mode != RunMode::daemon) return {};
  return SynchronisedFile{synchronised_path};
}

// The core's end of its channel; none: nobody wants mail, or it could not be started.
base::Fd mailer_for(const config::CommandLine& options, const config::Config& config, const std::string& user,
                    const base::Clock& clock, base::Log& log) {
  const auto& wanted = config.process.mail_on_change;
  if (!wanted || options.mode != RunMode::daemon) return {};
  auto mailer = start_mailer(*wanted, user, clock);
  if (mailer) return std::move(*mailer);
  const auto why = base::to_string(mailer.error());
  log.write(base::LogEvent::mail_not_sent, "No mail of `mailonchange` will be sent: " + why,
            {{base::LogField::directive, "mailonchange"}, {base::LogField::reason, why}});
  return {};
}

// None: it stays in the foreground.
OrSentence<base::Fd> leave_the_terminal(const config::CommandLine& options) {
  if (!in_background(options)) return base::Fd{};
  auto daemon = become_daemon();
  if (!daemon) return std::unexpected("Could not go into the background: " + daemon.error());
  return std::move(*daemon);
}

RoleMemories memories_for(const config::CommandLine& options, const config::Config& config,
                          Preparation& prepared) {
  auto clock_memory = clock_memory_for(options, prepared.inherited);
  auto core_memories = core_memories_for(options, config, prepared.inherited);
  return make_role_memories(std::move(clock_memory), std::move(core_memories),
                            prepared.listeners.ke.wanted() ? ke_server_count(config.nts) : 0);
}

// What there is to say of the configuration goes where messages go from now on.
OrSentence<base::Fd> settle_configuration(const config::CommandLine& options, const config::Parsed& parsed,
                                          StartLog& log) {
  const bool goes_away = StartLog::goes_away(options, in_background(options));
  if (auto sent = log.send_messages_away(options, in_background(options)); !sent)
    return std::unexpected(sent.error());
  if (goes_away) announce(options, log);
  name_directives_without_effect(parsed.config, log);
  name_odd_sources(parsed.config, log);
  name_missing_locks(parsed.config.hardware.reference_clocks, log);
  name_unread_folders(parsed.troubles, log);
  auto lines = sealed_copy(parsed.lines);
  if (!lines)
    return std::unexpected("Could not pass on the configuration: " + base::to_string(lines.error()));
  return std::move(*lines);
}

// Debugging messages in chrony's words, once messages go where they shall.
void name_reused(const std::vector<base::Fd>& sockets, const char* transport,
                 const std::vector<ino_t>& activated, base::Log& log) {
  for (const auto& socket : sockets) {
    const auto local = base::local_endpoint(socket.get());
    const auto inode = inode_of(socket.get());
    if (!local || !inode || std::ranges::find(activated, *inode) == activated.end()) continue;
    const auto address = base::to_string(*local);
    const bool is_v4 = local->address.family == base::AddressFamily::ipv4;
    log.write(base::LogEvent::socket_reused,
              fmt::format("Reusing {}{} socket fd={} local={}", transport, is_v4 ? "v4" : "v6", socket.get(),
                          address),
              {{base::LogField::address, address}});
  }
}

// From here on this process has no more rights than its roles need, and does nothing but start and watch
// them.
OrSentence<Programs> give_up_rights(const config::CommandLine& options, const config::Config& config,
                                    const Privileges& privileges, base::Log& log) {
  const auto scheduling = prepare_scheduling(config, options);
  if (!scheduling) return std::unexpected(scheduling.error());
  auto further = *scheduling;
  if (!config.hardware.timestamping.empty()) further |= base::capability(CAP_NET_ADMIN);
  if (auto kept = keep_only_what_roles_need(privileges, steers_clock(options), further); !kept)
    return std::unexpected("Could not drop privileges: " + base::to_string(kept.error()));
  auto programs = find_programs();
  if (!programs) return std::unexpected(programs.error());
  const auto mode = options.filter_level < 0 ? base::SandboxMode::report : base::SandboxMode::enforce;
  if (auto done = confine(*programs, mode); !done) return std::unexpected(done.error());
  if (base::sandbox_possible && options.filter_level != 0)
    log.write(base::LogEvent::filter_loaded,
              fmt::format("Loaded seccomp filter (level {})", options.filter_level));
  return std::move(*programs);
}

Identities identities_of(const config::CommandLine& options, const config::Config& config,
                         const Preparation& prepared) {
  return {.core = {.user = prepared.user,
                   .lock_memory = locks_memory(config, options),
                   .report_only = options.filter_level < 0},
          .operators_group = prepared.operators_group};
}

base::OsResult<AwaitedDevices> awaited_devices(const config::Config& config, const Listeners& listeners,
                                               const CommandSockets& commands, const RoleStarter& starter) {
  const bool serves = !listeners.ntp.empty() || starter.serves_ke();
  auto server = AwaitedDevice::make(serves ? config.server.bind_device : "", listeners.deaf, listeners.bound,
                                    starter.serves_ke() && starter.ke_listeners().empty());
  if (!server) return std::unexpected(server.error());
  const bool commanded = !commands.deaf.empty() || !commands.bound.empty();
  auto control =
      AwaitedDevice::make(commanded ? config.control.command_device : "", commands.deaf, commands.bound);
  if (!control) return std::unexpected(control.error());
  return AwaitedDevices{std::move(*server), std::move(*control)};
}

// What is there before rights are given up; ends with the run.
struct Opened {
  base::Fd parent;  // the process that was called, which waits; none: nobody does
  CommandSockets commands;
  std::optional<PidFile> pid_file;
  ControlSocket control;
  SampleSockets samples;
  MetricsSockets metrics;
  RoleMemories memories;
  base::Fd lines;  // of the configuration
};

OrSentence<Opened> open_what_needs_rights(const config::CommandLine& options, const config::Parsed& parsed,
                                          Preparation& prepared, StartLog& log) {
  const auto& config = parsed.config;
  auto parent = leave_the_terminal(options);
  if (!parent) return std::unexpected(parent.error());
  Opened opened{.parent = std::move(*parent)};
  if (!StartLog::goes_away(options, in_background(options))) announce(options, log);
  // chronyc's socket before the pid file: both may be in one folder, and the socket needs it closed to
  // others.
  opened.commands = open_commands(config, options, prepared, log);
  auto pid_file = write_pid_file(config, options, prepared.privileges, prepared.user, log);
  if (!pid_file) return std::unexpected(pid_file.error());
  if (*pid_file) opened.pid_file.emplace(std::move(**pid_file));
  auto control = open_control(config, options, prepared.privileges, prepared.user, prepared.inherited, log);
  if (!control) return std::unexpected(control.error());
  opened.control = std::move(*control);
  prepared.listeners.commands = std::move(opened.commands.udp);
  prepared.listeners.command_socket = std::move(opened.commands.unix_socket);
  opened.samples = open_sample_sockets(config, prepared.inherited, log);
  opened.metrics = open_metrics_sockets(config, options, prepared.inherited, log);
  opened.memories = memories_for(options, config, prepared);
  name_unused(prepared.inherited, log);
  keep_over_restart(prepared.listeners.unheld);
  make_state_folders(config, prepared.user, log);
  auto lines = settle_configuration(options, parsed, log);
  if (!lines) return std::unexpected(lines.error());
  opened.lines = std::move(*lines);
  name_reused(prepared.listeners.ntp, "UDP", prepared.activated, log);
  name_reused(prepared.listeners.ke.sockets, "TCP", prepared.activated, log);
  return opened;
}

OrSentence<int> start_and_run(const config::CommandLine& options, const config::Parsed& parsed,
                              Preparation prepared, StartLog& log, const base::Clock& clock) {
  const auto& config = parsed.config;
  auto opened = open_what_needs_rights(options, parsed, prepared, log);
  if (!opened) return std::unexpected(opened.error());
  auto rtc = open_rtc(config, options, log);
  auto mailer = mailer_for(options, config, prepared.user, clock, log);
  auto programs = give_up_rights(options, config, prepared.privileges, log);
  if (!programs) return std::unexpected(programs.error());
  RoleStarter starter{std::move(*programs),
                      config,
                      options,
                      identities_of(options, config, prepared),
                      std::move(prepared.listeners.ke),
                      std::move(opened->memories),
                      std::move(opened->samples.sockets),
                      std::move(rtc),
                      std::move(opened->metrics.sockets)};
  if (log.relay()) starter.send_messages_to([&](Program program) { return log.relay()->entry(program); });
  auto devices = awaited_devices(config, prepared.listeners, opened->commands, starter);
  if (!devices)
    return std::unexpected("Could not wait for an interface: " + base::to_string(devices.error()));
  StartReport report{std::move(opened->parent), options.notify_fd.value_or(-1),
                     synchronised_file_for(options)};
  Supervisor supervisor{starter, log, report, clock,
                        Supplies{.keys = KeyFiles::of(config),
                                 .certificates = CertificateWatch::of(config),
                                 .trust = trust_watch_of(config),
                                 .sources = SourceFolders::of(config, prepared.user),
                                 .devices = std::move(*devices),
                                 .files = CoreFiles{config, prepared.user},
                                 .signd_directory = config.server.signd_socket,
                                 .nics = NicClocks{config.hardware},
                                 .reader = {options, parsed, config::real_files(),
                                            limits_of_reload(config, options, starter.serves_ke())}}};
  auto started = supervisor.start(std::move(opened->lines), std::move(prepared.listeners),
                                  opened->control.fd(), std::move(mailer));
  starter.close_rtc();
  if (!started) return std::unexpected(started.error());
  const int status = supervisor.run();
  log.write(base::LogEvent::daemon_exiting, options.program + " exiting");
  return status;
}

}  // namespace

int run_daemon(const config::CommandLine& options, const config::Parsed& as_written, StartLog& log,
               const base::Clock& clock) {
  const auto parsed = with_hwclock_file(as_written, log);
  auto prepared = prepare(options, parsed.config, log);
  auto status = prepared ? start_and_run(options, parsed, std::move(*prepared), log, clock)
                         : OrSentence<int>{std::unexpected(prepared.error())};
  if (status) return *status;
  log.write(base::LogEvent::fatal_error, "Fatal error : " + status.error());
  return 1;
}

}  // namespace gnomon::launcher
