// SPDX-License-Identifier: GPL-2.0-or-later
// How each role is started: its program, its arguments, its descriptors.
#pragma once

#include <utility>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/spawn.hpp"
#include "config/command_line.hpp"
#include "config/config.hpp"
#include "daemon/launcher/roles/programs.hpp"
#include "daemon/launcher/roles/role_id.hpp"
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
  base::Fd key_secret;
  base::Fd symmetric_keys;
  int control = -1;  // stays the launcher's, who removes the socket file at the end
  std::vector<base::Fd> command_sockets;
  base::Fd mailer{};  // where it tells of corrections of the clock
  base::Fd sources;   // where it asks for the files of sourcedir
};

// Which users the roles become, and who may control them.
struct Identities {
  ipc::RoleIdentity core;
  RoleUsers helpers;
  std::int64_t operators_group = -1;  // -1: none
};

class RoleStarter {
 public:
  // The listeners for key establishment stay here, for the servers that are started later.
  // `clock_memory`: see there; none: gnomon-clock remembers nothing.
  RoleStarter(Programs programs, config::Config config, config::CommandLine options, Identities identities,
              std::vector<base::Fd> ke_listeners, base::Fd clock_memory = {});

  // Which helpers this configuration needs.
  [[nodiscard]] std::vector<RoleId> helpers() const;
  // `replaces`: another of its kind goes on if this one cannot begin.
  [[nodiscard]] base::OsResult<StartedRole> start_helper(const RoleId& role, bool replaces = false) const;
  [[nodiscard]] base::OsResult<StartedRole> start_core(const CoreInheritance& inheritance) const;
  [[nodiscard]] const std::vector<base::Fd>& ke_listeners() const { return ke_listeners_; }
  [[nodiscard]] std::string path_of(Program program) const { return programs_.path_of(program); }

 private:
  [[nodiscard]] ipc::RoleIdentity identity_of(Program program) const;
  [[nodiscard]] std::vector<std::string> arguments_of(Program program, bool replaces) const;
  [[nodiscard]] base::OsResult<StartedRole> start(Program program, std::vector<std::string> arguments,
                                                  const std::vector<int>& descriptors) const;

  Programs programs_;
  config::Config config_;
  config::CommandLine options_;
  Identities identities_;
  std::vector<base::Fd> ke_listeners_;
  base::Fd clock_memory_;
};

}  // namespace gnomon::launcher
