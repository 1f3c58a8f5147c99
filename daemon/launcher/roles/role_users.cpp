// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/role_users.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/os/credentials.hpp"
#include "base/os/file.hpp"
#include "base/os/random.hpp"
#include "base/take_number.hpp"

namespace gnomon::launcher {
namespace {

constexpr std::array helpers{Program::clock,     Program::resolve,  Program::ke_client,
                             Program::ke_server, Program::refclock, Program::metrics};
constexpr std::uint32_t range = last_free_id - first_free_id + 1;

// A container may have a few numbers only: lines of first inside, first outside, count.
bool is_mapped(const char* map) {
  const auto lines = base::read_file(map);
  if (!lines) return false;
  std::string_view rest{*lines};
  while (const auto inside = base::take_number<std::uint64_t>(rest)) {
    const auto outside = base::take_number<std::uint64_t>(rest);
    const auto count = base::take_number<std::uint64_t>(rest);
    if (!outside || !count) break;
    if (*inside <= first_free_id && *inside + *count > last_free_id) return true;
  }
  return false;
}

bool may_drop_groups() {
  const auto word = base::read_file("/proc/self/setgroups");
  return word && word->starts_with("allow");
}

bool has_account(std::uint32_t id) {
  return getpwuid(id) != nullptr || getgrgid(id) != nullptr;
}

std::uint32_t random_start() {
  std::array<std::uint8_t, 2> octets{};
  base::fill_random(octets);
  return first_free_id + (octets[0] * 256U + octets[1]) % range;
}

}  // namespace

RoleUsers::RoleUsers(std::uint32_t start, const IsTaken& is_taken) {
  for (std::uint32_t tried = 0; tried < range && ids_.size() < helpers.size(); ++tried) {
    const auto id = first_free_id + (start - first_free_id + tried) % range;
    if (!is_taken(id)) ids_.emplace(helpers.at(ids_.size()), id);
  }
  if (ids_.size() < helpers.size()) ids_.clear();
}

std::string RoleUsers::of(Program program, const std::string& core) const {
  const auto found = ids_.find(program);
  return found == ids_.end() ? core : "#" + std::to_string(found->second);
}

RoleUsers choose_role_users() {
  const bool possible = geteuid() == 0 && base::has_rights_over_users() && may_drop_groups() &&
                        is_mapped("/proc/self/uid_map") && is_mapped("/proc/self/gid_map");
  return possible ? RoleUsers{random_start(), has_account} : RoleUsers{};
}

}  // namespace gnomon::launcher
