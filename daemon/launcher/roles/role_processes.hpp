// SPDX-License-Identifier: GPL-2.0-or-later
// The processes of the roles, and the core's ends of their channels until it is given them. Owned by the
// RoleRunner.
#pragma once

#include <expected>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/os/fd.hpp"
#include "base/os/spawn.hpp"
#include "daemon/launcher/roles/role_id.hpp"
#include "daemon/launcher/roles/role_starter.hpp"
#include "daemon/launcher/roles/supervision.hpp"

namespace gnomon::launcher {

class RoleProcesses {
 public:
  explicit RoleProcesses(RoleStarter& starter) : starter_(starter) {}

  // The launcher's end of its channel. Error, here and below: which role, why, and what to do.
  [[nodiscard]] std::expected<base::Fd, std::string> start_core(const CoreInheritance& inheritance);
  // With these ends of their channels, of which the core has the others.
  [[nodiscard]] std::expected<void, std::string> start_helpers(
      std::span<const std::pair<RoleId, base::Fd>> ends);
  // Its channel waits for take_channel(). Error: why not, a clause.
  [[nodiscard]] std::expected<void, std::string> start_later(const action::Spawn& spawn);
  // Of a role that was started later, once; none: it has been given away, or closed.
  [[nodiscard]] base::Fd take_channel(const RoleId& role);
  void close_channel(const RoleId& role) { take_channel(role).close(); }
  // One that has ended already counts as killed.
  [[nodiscard]] base::OsResult<void> kill(const RoleId& role) const;

  [[nodiscard]] std::vector<RoleId> all() const;
  // Readable when one has ended, or says something on a channel that waits here: hear() and ended().
  [[nodiscard]] std::vector<int> descriptors() const;

  // What a new role says first is for the core; that it says something is what counts here.
  struct FirstWords {
    std::vector<RoleId> ready;
    std::vector<std::string> refused;  // reasons of those that cannot use their certificates
  };
  // The channel of one that has refused, or has ended without a word, is closed: that one is known by its
  // end.
  [[nodiscard]] FirstWords hear();
  // Those that have ended, each once, what explains the others in front; they are here until they are
  // forgotten.
  [[nodiscard]] std::vector<std::pair<RoleId, RoleEnd>> ended() const;
  void forget(const RoleId& role) { processes_.erase(role); }

 private:
  struct Process {
    base::Child child;
    base::Fd channel;
  };

  RoleStarter& starter_;
  std::map<RoleId, Process> processes_;
};

}  // namespace gnomon::launcher
