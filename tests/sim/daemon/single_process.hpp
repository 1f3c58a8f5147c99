// SPDX-License-Identifier: GPL-2.0-or-later
// A whole run of the daemon in one process: what gnomond prepares, then every role on one event loop.
#pragma once

#include "config/command_line.hpp"
#include "config/config.hpp"

namespace gnomon::sim {

// Whether calls of libc are replaced: without that the clock and the network are the machine's own.
[[nodiscard]] bool is_simulated();

// The exit status. Always in the foreground, as the user that started it.
[[nodiscard]] int run_single_process(const config::CommandLine& options, const config::Config& config);

}  // namespace gnomon::sim
