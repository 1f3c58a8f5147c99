// SPDX-License-Identifier: GPL-2.0-or-later
// What a reload cannot change although the directive as such can be changed: it depends on how this daemon
// was started.
#pragma once

#include <optional>

#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/files/configuration_reader.hpp"
#include "ipc/clock_messages.hpp"

namespace gnomon::launcher {

// at_start: the configuration that gnomon-clock has its budget from. serves_ke: the port of NTS-KE is open.
[[nodiscard]] LimitsOf limits_of_reload(const config::Config& at_start, const config::CommandLine& options,
                                        bool serves_ke);

// Whether gnomon-clock makes the steps that makestep allows.
[[nodiscard]] bool is_within(const ipc::ClockBudget& budget,
                             const std::optional<config::MakeStep>& make_step);

}  // namespace gnomon::launcher
