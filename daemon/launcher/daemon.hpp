// SPDX-License-Identifier: GPL-2.0-or-later
// A whole run of gnomond with a valid configuration, from the checks at the start to the exit status.
#pragma once

#include "base/clock.hpp"
#include "config/command_line.hpp"
#include "config/parse.hpp"
#include "daemon/launcher/roles/start_report.hpp"

namespace gnomon::launcher {

[[nodiscard]] int run_daemon(const config::CommandLine& options, const config::Parsed& parsed, StartLog& log,
                             const base::Clock& clock);

}  // namespace gnomon::launcher
