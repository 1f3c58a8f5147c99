// SPDX-License-Identifier: GPL-2.0-or-later
// chronyc's sockets of gnomond-sim.
#pragma once

#include "base/os/log.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/sockets/command_sockets.hpp"

namespace gnomon::sim {

// The real ones, or clknetsim's, which has Unix sockets without files. In other simulators there are none.
[[nodiscard]] launcher::CommandSockets open_commands(const config::Config& config,
                                                     const config::CommandLine& options, base::Log& log);

}  // namespace gnomon::sim
