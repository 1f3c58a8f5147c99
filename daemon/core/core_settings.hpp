// SPDX-License-Identifier: GPL-2.0-or-later
// From the configuration and the launcher's words to the settings of the core's parts.
#pragma once

#include <vector>

#include "base/clock.hpp"
#include "base/os/fd.hpp"
#include "config/config.hpp"
#include "daemon/core/clock/hardware_clocks.hpp"
#include "daemon/core/engine/discipline/timekeeper.hpp"
#include "daemon/core/server/ntp_server.hpp"
#include "daemon/core/sources/reference_clocks.hpp"
#include "daemon/core/sources/sources.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::core {

// The smallest step by which the system clock is seen to advance.
[[nodiscard]] base::Seconds measure_clock_precision(const base::Clock& clock);

// Whether there is a clock and it is to be steered.
// initstepslew: whether the clock is to be corrected by its hosts before anything else.
[[nodiscard]] bool corrects_initially(const ipc::CoreSetup& setup, const config::Config& config);
[[nodiscard]] bool steers(const ipc::CoreSetup& setup);
[[nodiscard]] engine::TimekeeperSettings timekeeper_settings(const ipc::CoreSetup& setup,
                                                             const config::Config& config,
                                                             const base::Clock& clock, bool steers,
                                                             double initial_rate,
                                                             std::optional<engine::DriftFile> drift);
// What of it can change while the daemon runs.
[[nodiscard]] engine::Tuning tuning_of(const ipc::CoreSetup& setup, const config::Config& config);
// `saved`: the last time a former run was sure of.
[[nodiscard]] ReferenceClocks::Settings refclock_settings(const ipc::CoreSetup& setup,
                                                          const config::Config& config,
                                                          const base::Clock& clock);
[[nodiscard]] SourcesSettings sources_settings(const ipc::CoreSetup& setup, const config::Config& config,
                                               const base::Clock& clock, std::optional<base::RealTime> saved,
                                               NtpServer& server, NicTables nics);
// In ntsdumpdir, else beside the drift file; empty: there is no directory for it.
[[nodiscard]] std::string saved_time_path(const config::Config& config);

// Empty: who runs once keeps nothing.
// Debugging messages are wanted.
[[nodiscard]] bool is_debugged(const ipc::CoreSetup& setup);
// What happens is recorded: for log files, or for debugging messages.
[[nodiscard]] bool records(const ipc::CoreSetup& setup, const config::Config& config);
// Without logs for one that only sets the clock or prints the time: it may run beside a daemon.
[[nodiscard]] config::ProcessSettings log_settings(const ipc::CoreSetup& setup, const config::Config& config);
[[nodiscard]] std::string dump_directory(const ipc::CoreSetup& setup, const config::Config& config);
// Descriptors that the launcher's words name: from here on they are ours.
[[nodiscard]] std::vector<base::Fd> take_over(const std::vector<int>& descriptors);

}  // namespace gnomon::core
