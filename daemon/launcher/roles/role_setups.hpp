// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of each role, made from the configuration and gnomond's own options.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/files/rtc.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::launcher {

// Descriptors as the role sees them: fd 3 is its channel, the others follow in the order of its setup.
inline constexpr int first_inherited_fd = ipc::role_channel_fd + 1;

[[nodiscard]] bool steers_clock(const config::CommandLine& options);
// Whether a source may ask for NTS: configured so, or a sourcedir may bring one.
[[nodiscard]] bool needs_ke_client(const config::Config& config);
// Whether there are reference clocks to be read.
[[nodiscard]] bool needs_refclock(const config::Config& config);
// ntsprocesses, where NTS-KE is served: 1..255.
[[nodiscard]] int ke_server_count(const config::NtsSettings& nts);

// The most the core may ask of the clock in this run.
[[nodiscard]] ipc::ClockBudget clock_budget(const config::ClockSettings& clock,
                                            const config::CommandLine& options);
// With what `tempcomp` and a `refclock` with `local` may add to the frequency.
[[nodiscard]] ipc::ClockBudget clock_budget_of(const config::Config& config,
                                               const config::CommandLine& options);
// -s; the driftfile's timestamp is looked up.
[[nodiscard]] ipc::FirstTime first_time(const config::Config& config, const config::CommandLine& options,
                                        const RealTimeClock& rtc = {});
// `fd`: its number in the role.
[[nodiscard]] ipc::RtcSetup rtc_setup(const config::Config& config, const RealTimeClock& rtc, int fd);
[[nodiscard]] ipc::KeServerSetup ke_server_setup(const config::Config& config,
                                                 const ipc::RoleIdentity& identity, std::size_t listeners);
[[nodiscard]] ipc::KeClientSetup ke_client_setup(const config::Config& config,
                                                 const ipc::RoleIdentity& identity);

// `sockets`: as the role sees those of SOCK lines.
[[nodiscard]] ipc::RefclockSetup refclock_setup(const config::Config& config,
                                                const ipc::RoleIdentity& identity, std::vector<int> sockets);

// What the core inherits besides its channel: how many of each, in the order of their numbers.
struct CoreDescriptors {
  bool clock = false;
  bool resolve = false;
  bool ke_client = false;
  bool refclock = false;
  bool metrics = false;
  std::size_t ke_servers = 0;
  std::size_t ntp_sockets = 0;
  std::size_t acquisition_sockets = 0;
  std::size_t peer_sockets = 0;
  std::size_t ptp_sockets = 0;
  std::size_t ptp_client_sockets = 0;
  bool key_secret = false;
  bool symmetric_keys = false;
  bool control = false;
  std::size_t command_sockets = 0;
  bool command_relay = false;
  bool sources = false;
  bool mailer = false;
  bool event_memory = false;
  bool measurement_memory = false;
};
// Numbers follow the order: configuration, log, clock, resolve, ke_client, refclock, metrics, ke_servers,
// ntp_sockets, acquisition_sockets, peer_sockets, ptp_sockets, ptp_client_sockets, key_secret,
// symmetric_keys, control, command_sockets, command_relay, sources, mailer, event_memory, measurement_memory.
[[nodiscard]] ipc::CoreSetup core_setup(const config::CommandLine& options, const ipc::RoleIdentity& identity,
                                        const CoreDescriptors& descriptors);

}  // namespace gnomon::launcher
