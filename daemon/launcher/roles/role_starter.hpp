// SPDX-License-Identifier: GPL-2.0-or-later
// How each role is started: its program, its arguments, its descriptors.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/spawn.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/files/rtc.hpp"
#include "daemon/launcher/roles/programs.hpp"
#include "daemon/launcher/roles/role_id.hpp"
#include "daemon/launcher/roles/role_memories.hpp"
#include "daemon/launcher/roles/role_users.hpp"
#include "daemon/launcher/sockets/listeners.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::launcher {

struct StartedRole {
  base::Child child;
  base::Fd channel;  // the other end: for a helper the core's, for the core the launcher's
};

// What the core is given once and the launcher does not need again.
struct CoreInheritance {
  base::Fd config;
  std::vector<std::pair<RoleId, base::Fd>> helpers;  // their channels
  std::vector<base::Fd> ntp_sockets;
  std::vector<base::Fd> acquisition_sockets;
  std::vector<base::Fd> peer_sockets;
  std::vector<base::Fd> ptp_sockets;
  std::vector<base::Fd> ptp_client_sockets;
  base::Fd key_secret;
  base::Fd symmetric_keys;
  int control = -1;  // stays the launcher's, who removes the socket file at the end
  std::vector<base::Fd> command_sockets;
  base::Fd command_relay;  // where it is given commands that came to the launcher's Unix socket
  base::Fd mailer{};       // where it tells of corrections of the clock
  base::Fd sources;        // where it asks for the files of sourcedir
};

// Which users the roles become, and who may control them.
struct Identities {
  ipc::RoleIdentity core;
  RoleUsers helpers;
  std::int64_t operators_group = -1;  // -1: none
};

// Why a helper is started.
enum class StartReason : std::uint8_t {
  first,        // gnomond starts
  replacement,  // something is new, and another of its kind goes on if this one cannot begin
  news,         // something is new, and there is no other
  again         // one like it has ended
};

class RoleStarter {
 public:
  // The listeners for key exchanges stay here, for the servers that are started later; likewise the
  // sockets of `refclock SOCK` and the listeners of `metricsaddress`.
  RoleStarter(Programs programs, config::Config config, config::CommandLine options, Identities identities,
              KeListeners ke_listeners, RoleMemories memories, std::vector<base::Fd> sample_sockets = {},
              RealTimeClock rtc = {}, std::vector<base::Fd> metrics_listeners = {});

  // Which helpers this configuration needs; gnomon-clock in front.
  [[nodiscard]] std::vector<RoleId> helpers() const;
  // Who they are to be, before any of them is started: to look for numbers that nobody has takes a while.
  void choose_users();
  // Whether the core, once it serves, says so without any helper but gnomon-clock.
  [[nodiscard]] bool core_is_ready_alone() const;
  [[nodiscard]] base::OsResult<StartedRole> start_helper(const RoleId& role, StartReason reason) const;
  // With this end of a channel.
  [[nodiscard]] base::OsResult<base::Child> start_helper(const RoleId& role, StartReason reason,
                                                         const base::Fd& channel) const;
  [[nodiscard]] base::OsResult<StartedRole> start_core(const CoreInheritance& inheritance) const;
  [[nodiscard]] const std::vector<base::Fd>& ke_listeners() const { return ke_listeners_.sockets; }
  // Also while they have no listeners yet.
  [[nodiscard]] bool serves_ke() const { return ke_listeners_.wanted(); }
  // Likewise for those that are started from now on.
  void set_config(config::Config config) { config_ = std::move(config); }
  [[nodiscard]] const std::string& core_user() const { return identities_.core.user; }
  // For those that are started from now on.
  [[nodiscard]] std::expected<void, std::string> reopen_ke_listeners(base::Log& log);
  // One for each address, where nobody could be foreseen to be served. `peers` have their port.
  [[nodiscard]] std::expected<std::vector<base::Fd>, std::string> open_ntp_sockets(
      const std::vector<base::Fd>& peers, base::Log& log) const;
  // To speak with peers that nobody could foresee; `servers` have their port.
  [[nodiscard]] std::expected<std::vector<base::Fd>, std::string> open_peer_sockets(
      const std::vector<base::Fd>& servers) const;
  // The standard output and error of each program that is started from now on; outlives this.
  void send_messages_to(std::function<int(Program)> target) { standard_error_ = std::move(target); }
  // -1: gnomon-clock remembers nothing.
  [[nodiscard]] int clock_memory() const { return memories_.clock ? memories_.clock.get() : -1; }
  // gnomon-clock has it; as long as anybody has, no other program can open it.
  void close_rtc() { rtc_.device.close(); }
  // Why not, and what to do: a sentence without a full stop.
  [[nodiscard]] std::string could_not_start(const RoleId& role, const base::OsError& error) const;

 private:
  // What a helper inherits besides its channel, and its numbers there.
  struct Inherited {
    std::vector<int> descriptors;
    int clock_memory = -1;
    int rtc = -1;
    int ke_rates = -1;
    std::vector<int> sample_sockets;
    std::vector<int> metrics_listeners;
    int log = -1;
    int add(int descriptor);
  };
  [[nodiscard]] Inherited inheritance_of(const RoleId& role, StartReason reason) const;
  [[nodiscard]] std::vector<std::string> arguments_of(Program program, const Inherited& inherited,
                                                      StartReason reason) const;
  // Its channel comes before the descriptors.
  [[nodiscard]] base::OsResult<base::Child> spawn(Program program, std::vector<std::string> arguments,
                                                  const base::Fd& channel,
                                                  const std::vector<int>& descriptors) const;
  [[nodiscard]] base::OsResult<StartedRole> start(Program program, std::vector<std::string> arguments,
                                                  const std::vector<int>& descriptors) const;

  Programs programs_;
  config::Config config_;
  config::CommandLine options_;
  Identities identities_;
  bool users_chosen_ = false;
  KeListeners ke_listeners_;
  RoleMemories memories_;
  std::function<int(Program)> standard_error_ = [](Program) { return -1; };  // ours
  std::vector<base::Fd> sample_sockets_;
  RealTimeClock rtc_;
  std::vector<base::Fd> metrics_listeners_;
};

}  // namespace gnomon::launcher
