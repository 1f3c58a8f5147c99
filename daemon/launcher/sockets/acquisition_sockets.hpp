// SPDX-License-Identifier: GPL-2.0-or-later
// Sockets to speak with others from, with a port that the core may not bind: one below 1024, or that of our
// own server. Of an `acquisitionport`, and of the served port for peers.
#pragma once

#include <expected>
#include <vector>

#include "base/os/fd.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"

namespace gnomon::launcher {

// This many requests of one family may be outstanding at the same time, or peers spoken with.
inline constexpr int acquisition_sockets_each = 16;

// Sockets that all have the option share a port, whoever owns them; set for no longer than is needed, so that
// nobody else does.
void share_port(const std::vector<base::Fd>& sockets, bool share);

// Empty: the core binds its own. `servers`: those of our own server, which share the port from now on with
// these and with no other. What cannot be bound is missing; the core says why when it needs it.
[[nodiscard]] std::vector<base::Fd> open_acquisition_sockets(const config::Config& config,
                                                             const config::CommandLine& options,
                                                             const std::vector<base::Fd>& servers);
// Likewise for peers; `acquisition`: what the above has opened. Empty as well without a `peer` line: few
// servers speak with any, and all would wait for 32 sockets at their start.
[[nodiscard]] std::vector<base::Fd> open_peer_sockets(const config::Config& config,
                                                      const config::CommandLine& options,
                                                      const std::vector<base::Fd>& servers,
                                                      const std::vector<base::Fd>& acquisition);
// The same for peers that nobody could foresee; or why they could not be had, a clause with the port.
[[nodiscard]] std::expected<std::vector<base::Fd>, std::string> open_late_peer_sockets(
    const config::Config& config, const config::CommandLine& options, const std::vector<base::Fd>& servers);

// Likewise of `ptpport`, for sources that are asked there: NTP over PTP goes from that port to the same.
[[nodiscard]] std::vector<base::Fd> open_ptp_client_sockets(const config::Config& config,
                                                            const config::CommandLine& options,
                                                            const std::vector<base::Fd>& servers);

}  // namespace gnomon::launcher
