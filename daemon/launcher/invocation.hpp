// SPDX-License-Identifier: GPL-2.0-or-later
// What every program with gnomond's command line does before it runs as a daemon.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "config/command_line.hpp"
#include "config/parse.hpp"

namespace gnomon::launcher {

using RunDaemon = std::function<int(const config::CommandLine&, const config::Parsed&)>;

// Answers -h, -v and -p, complains of what is wrong, else calls `run`. Takes main's arguments; `name` is the
// program's, unless it was started as chronyd: then it reads chrony's configuration where there is one. The
// exit status.
[[nodiscard]] int invoke(std::span<char* const> arguments, const std::string& name, const RunDaemon& run);

}  // namespace gnomon::launcher
