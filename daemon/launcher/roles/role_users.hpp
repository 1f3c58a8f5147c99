// SPDX-License-Identifier: GPL-2.0-or-later
// Users that belong to one helper each: a compromised helper then does not own the core's files, cannot
// signal another role, and has no rights at the control socket. Chosen once, by the launcher.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "daemon/launcher/roles/role_id.hpp"

namespace gnomon::launcher {

// What systemd and the distributions keep free between the numbers they hand out (homes up to 60577, greeters
// up to 60705, services from 61184 on). Nothing on disk is ever theirs, so any of them does at each start.
inline constexpr std::uint32_t first_free_id = 60706;
inline constexpr std::uint32_t last_free_id = 61183;

using IsTaken = std::function<bool(std::uint32_t)>;

class RoleUsers {
 public:
  RoleUsers() = default;  // all roles have the core's user
  // The first six that are not taken from `start` on, around the range; fewer: none at all.
  RoleUsers(std::uint32_t start, const IsTaken& is_taken);

  // As ipc::RoleIdentity::user has it; `core`: the user of the core.
  [[nodiscard]] std::string of(Program program, const std::string& core) const;

 private:
  std::map<Program, std::uint32_t> ids_;
};

// Separate ones where this process may change to them: root with its rights over users, and all numbers in
// its user namespace. No account and no group has the numbers chosen.
[[nodiscard]] RoleUsers choose_role_users();

}  // namespace gnomon::launcher
