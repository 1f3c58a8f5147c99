// SPDX-License-Identifier: GPL-2.0-or-later
// lock_all and sched_priority, -m and -P: what gnomond prepares, while it may, for the processes that it
// starts.
#pragma once

#include <expected>
#include <string>

#include "base/os/credentials.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/roles/role_id.hpp"

namespace gnomon::launcher {

[[nodiscard]] bool locks_memory(const config::Config& config, const config::CommandLine& options);
// 0: no real-time priority. It is for those that time depends on, the core and gnomon-clock: the others speak
// to strangers at length, and must not keep the machine from its work.
[[nodiscard]] int priority_of(Program program, const config::Config& config,
                              const config::CommandLine& options);
// Raises the limits that the roles need, and locks our own memory. The value: capabilities that they need
// instead until they drop them. The error is a sentence.
[[nodiscard]] std::expected<base::CapabilitySet, std::string> prepare_scheduling(
    const config::Config& config, const config::CommandLine& options);

}  // namespace gnomon::launcher
