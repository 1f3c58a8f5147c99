// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/sim/daemon/commands.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "daemon/launcher/drop_privileges.hpp"
#include "tests/sim/daemon/single_process.hpp"

namespace gnomon::sim {

namespace {

bool is_clknetsim() {
  return is_simulated() && std::getenv("CLKNETSIM_NODE") != nullptr;
}

base::Fd bind_in_clknetsim(const std::string& path) {
  base::Fd socket{::socket(AF_UNIX, SOCK_DGRAM, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(&address.sun_path[0], sizeof address.sun_path - 1);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);  // NOLINT: the kernel's interface
  if (!socket || bind(socket.get(), generic, sizeof address) != 0) return {};
  return socket;
}

}  // namespace

launcher::CommandSockets open_commands(const config::Config& config, const config::CommandLine& options,
                                       base::Log& log) {
  if (is_simulated() && !is_clknetsim()) return {};
  auto wanted = config;
  base::Fd simulated;
  if (is_simulated() && options.mode != config::RunMode::print_once) {
    const auto path = std::exchange(wanted.control.command_socket, "/");
    if (path != "/") simulated = bind_in_clknetsim(path);
  }
  std::vector<base::ActivatedSocket> inherited;
  auto opened = launcher::open_command_sockets(
      wanted, options, {.user = geteuid(), .operators = launcher::operators_group()}, inherited);
  if (simulated) opened.unix_socket = std::move(simulated);
  if (!opened.failures.empty())
    log.write(base::LogEvent::command_socket_missing,
              fmt::format("chronyc cannot reach this daemon at {}", fmt::join(opened.failures, ", ")));
  return opened;
}

}  // namespace gnomon::sim
