// SPDX-License-Identifier: GPL-2.0-or-later
// The listeners of `metricsaddress`. They stay the same for as long as gnomond runs, whatever becomes of
// gnomon-metrics. Owned by the launcher, which removes the files of Unix sockets at the end.
#pragma once

#include <vector>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/os/systemd.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/sockets/unix_socket.hpp"

namespace gnomon::launcher {

struct MetricsSockets {
  std::vector<base::Fd> sockets;
  std::vector<SocketFile> files;
};

// Those that systemd holds for the same address or path are taken from `inherited`. What cannot be had is
// left out, and the log says why: time does not wait for those who watch it. None for who runs once.
[[nodiscard]] MetricsSockets open_metrics_sockets(const config::Config& config,
                                                  const config::CommandLine& options,
                                                  std::vector<base::ActivatedSocket>& inherited,
                                                  base::Log& log);

}  // namespace gnomon::launcher
