// SPDX-License-Identifier: GPL-2.0-or-later
// The command `probe`: looks at a server without a daemon.
#pragma once

#include <string>
#include <string_view>

#include "ctl/command.hpp"

namespace gnomon::ctl {

[[nodiscard]] Made probe_host(std::string_view name, const Words& words);

// Why the file or directory of --trusted cannot be used; empty: it can, or there is none.
[[nodiscard]] std::string unreadable(const std::string& authorities);

// Prints what it finds as it finds it; the value is the exit status. `json`: all of it at the end.
[[nodiscard]] int run_probe(const probe::Options& options, bool json, const View& view);

}  // namespace gnomon::ctl
