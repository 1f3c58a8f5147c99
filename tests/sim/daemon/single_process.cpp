// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/single_process.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>

#include "base/os/channel.hpp"
#include "base/os/clocks.hpp"
#include "daemon/core/core.hpp"
#include "daemon/core/sources/network_watch.hpp"
#include "daemon/launcher/files/core_files.hpp"
#include "daemon/launcher/files/folders.hpp"
#include "daemon/launcher/files/key_files.hpp"
#include "daemon/launcher/files/pid_file.hpp"
#include "daemon/launcher/roles/role_setups.hpp"
#include "daemon/launcher/sockets/control_socket.hpp"
#include "daemon/launcher/sockets/listeners.hpp"
#include "daemon/launcher/sockets/metrics_sockets.hpp"
#include "daemon/launcher/sockets/nic_clocks.hpp"
#include "daemon/launcher/sockets/sample_sockets.hpp"
#include "tests/sim/daemon/commands.hpp"
#include "tests/sim/daemon/launcher.hpp"
#include "tests/sim/daemon/roles.hpp"

namespace gnomon::sim {

namespace {

template <class T>
T require(std::expected<T, std::string> made) {
  if (!made) throw std::runtime_error{made.error()};
  return std::move(*made);
}

bool wants_file(const std::string& path, const config::CommandLine& options) {
  return !path.empty() && path != "/" && options.mode != config::RunMode::print_once;
}

// A simulator may have no such sockets, and then the figures are what counts.
launcher::ControlSocket open_control(const config::Config& config, const config::CommandLine& options,
                                     base::Log& log) {
  const auto& path = config.control.socket;
  if (!wants_file(path, options)) return {};
  std::vector<base::ActivatedSocket> inherited;
  auto control = launcher::ControlSocket::open(path, "", inherited);
  if (control) return std::move(*control);
  log.write(
      base::LogEvent::control_socket_missing,
      fmt::format("No control socket at {}: {}; gnomonctl cannot reach this daemon", path, control.error()));
  return {};
}

std::optional<launcher::PidFile> write_pid_file(const config::Config& config,
                                                const config::CommandLine& options, base::Log& log) {
  const auto& path = config.process.pid_file;
  if (!wants_file(path, options)) return std::nullopt;
  const auto folder = launcher::make_folder(std::filesystem::path{path}.parent_path(), "", 0755);
  auto written = folder ? launcher::PidFile::write(path) : std::unexpected(folder.error());
  if (written) return std::move(*written);
  log.write(base::LogEvent::pid_file_not_written,
            fmt::format("Could not write the pid file {}: {}", path, written.error()));
  return std::nullopt;
}

// The launcher's sockets of `acquisitionport` rest connected to the loopback interface, which simulators do
// not have. The core binds its own where it gets none.
config::Config what_to_listen_on(config::Config config) {
  if (!is_simulated()) return config;
  config.client.acquisition_port.reset();
  config.sources.clear();  // so that none are made for those that are asked at `ptpport`
  config.process.source_dirs.clear();
  return config;
}

// Simulators have no netlink, and their machines one address, which its answers tell.
std::vector<base::IpAddress> own_addresses() {
  return is_simulated() ? std::vector<base::IpAddress>{} : core::local_addresses();
}

std::vector<std::pair<ipc::NicOpened, base::Fd>> open_nics(launcher::NicClocks& nics, base::Log& log) {
  std::vector<std::pair<ipc::NicOpened, base::Fd>> opened;
  for (auto& nic : nics.open_new(log)) opened.emplace_back(nic.what, std::move(nic.clock));
  return opened;
}

int run_roles(const config::CommandLine& options, const config::Config& config, launcher::Listeners listeners,
              std::vector<base::Fd> sample_sockets, int control, launcher::StartLog& log,
              const base::Clock& clock) {
  async::Context io{1};
  async::Loop loop{io, clock};
  auto setup = launcher::core_setup(options, {}, {});
  setup.control_fd = control < 0 ? -1 : dup(control);
  for (auto& socket : listeners.acquisition) setup.acquisition_sockets.push_back(socket.release());
  for (auto& socket : listeners.commands) setup.command_sockets.push_back(socket.release());
  auto keys = launcher::KeyFiles::of(config);
  setup.key_secret_fd = keys.open_secret(loop.now().mono, log).release();
  setup.symmetric_keys_fd = keys.open_symmetric_keys(log).release();
  Roles roles{loop,
              options,
              config,
              std::move(listeners.ke.sockets),
              std::move(sample_sockets),
              std::move(listeners.metrics),
              setup,
              log};
  auto channel = base::make_channel();
  if (!channel) throw std::runtime_error{base::to_string(channel.error())};
  launcher::StartReport report{{}, options.notify_fd.value_or(-1)};
  Launcher above{io, std::move(channel->ours), log, report};
  above.start();
  const launcher::CoreFiles files{config, ""};
  launcher::NicClocks nics{config.hardware};
  const auto hardware = nics.wanted() ? base::Hardware::yes : base::Hardware::no;
  core::NtpServer server{std::move(listeners.ntp),  config.server, clock,
                         core::ServerThreads::none, hardware,      std::move(listeners.ptp)};
  core::Core core{
      setup,
      config,
      {.loop = loop,
       .log = log,
       .server = server,
       .operators = {.own = getuid()},
       .clock = launcher::steers_clock(options) ? roles.read_clock() : std::nullopt,
       .addresses = own_addresses(),
       .launcher_fd = channel->theirs.release(),
       .read_source_files =
           [&config] { return config::read_source_dirs(config.process.source_dirs, config::real_files()); },
       .open_file = [&files](ipc::FileKind kind) { return files.open(kind); },
       .open_ntp_sockets = [&] { return launcher::open_late_ntp_sockets(config, options, {}, log); },

       .open_nics = [&nics, &log] { return open_nics(nics, log); }}};
  return core.run();
}

}  // namespace

bool is_simulated() {
  return std::getenv("LD_PRELOAD") != nullptr;
}

int run_single_process(const config::CommandLine& options, const config::Config& wanted) {
  const base::MachineClock clock;
  launcher::StartLog log{options, clock};
  auto config = wanted;
  config.server.workers = 1;
  std::vector<base::ActivatedSocket> inherited;
  auto listeners = require(launcher::open_listeners(what_to_listen_on(config), options, inherited, log));
  const auto pid_file = write_pid_file(config, options, log);
  const auto control = open_control(config, options, log);
  auto commands = open_commands(config, options, log);
  listeners.commands = std::move(commands.udp);
  if (commands.unix_socket) listeners.commands.push_back(std::move(commands.unix_socket));
  auto samples = launcher::open_sample_sockets(config, inherited, log);
  auto metrics = launcher::open_metrics_sockets(config, options, inherited, log);
  listeners.metrics = std::move(metrics.sockets);
  launcher::make_state_folders(config, "", log);
  if (auto sent = log.send_messages_away(options, false); !sent) throw std::runtime_error{sent.error()};
  std::signal(SIGPIPE, SIG_IGN);
  const int status =
      run_roles(options, config, std::move(listeners), std::move(samples.sockets), control.fd(), log, clock);
  log.write(base::LogEvent::daemon_exiting, options.program + " exiting");
  return status;
}

}  // namespace gnomon::sim
