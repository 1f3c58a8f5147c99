// SPDX-License-Identifier: GPL-2.0-or-later
// The sockets that serve: those that systemd holds for us if their address and port are the configured ones;
// the others are bound here.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/log.hpp"
#include "base/os/systemd.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

// TCP, shared by the key establishment servers.
struct KeListeners {
  std::vector<base::Fd> sockets;
  bool awaited = false;  // none yet: the interface of `binddevice` is missing, see reopen_ke_listeners()
  [[nodiscard]] bool wanted() const { return awaited || !sockets.empty(); }
};

struct Listeners {
  std::vector<base::Fd> ntp;  // UDP, one worker each
  KeListeners ke;
  std::vector<base::Fd> acquisition;  // to ask others from, see acquisition_sockets.hpp
  std::vector<base::Fd> peers;        // likewise, to speak with peers from: open_peer_sockets(), afterwards
  std::vector<base::Fd> ptp;          // UDP, bound to ptpport, one worker each
  std::vector<base::Fd> ptp_clients;  // likewise, to ask others from
  std::vector<base::Fd> metrics;      // of `metricsaddress`, see metrics_sockets.hpp
  std::vector<base::Fd> commands;     // of chrony's control protocol, UDP, see command_sockets.hpp
  base::Fd command_socket;            // likewise, its Unix socket; none: nobody wants it
  std::vector<int> unheld;            // those among them that no socket unit holds, see kept_sockets.hpp
  std::vector<int> deaf;              // those among them that wait for `binddevice`, see awaited_device.hpp
  std::vector<int> bound;             // UDP sockets among them that are bound to it
};

// Takes what it uses out of `inherited`: everything that is bound to a configured address and port, since
// what waits in such a socket is to be answered; of the sockets kept over a restart no more than there are
// workers. Error: a sentence with address, port, reason and remedy.
[[nodiscard]] std::expected<Listeners, std::string> open_listeners(
    const config::Config& config, const config::CommandLine& options,
    std::vector<base::ActivatedSocket>& inherited, base::Log& log);
// The sockets of the NTP server, one for each address, when a client is allowed that could not be foreseen.
[[nodiscard]] std::expected<std::vector<base::Fd>, std::string> open_late_ntp_sockets(
    const config::Config& config, const config::CommandLine& options, const std::vector<base::Fd>& peers,
    base::Log& log);
// The listeners for key establishment when the interface of `binddevice` comes, and again when it is another
// one of that name: nobody can bind a listener to it for the second time. Those there are stay as they are on
// an error.
[[nodiscard]] std::expected<std::vector<base::Fd>, std::string> reopen_ke_listeners(
    const config::Config& config, const config::CommandLine& options, base::Log& log);

}  // namespace gnomon::launcher
