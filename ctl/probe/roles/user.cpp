// SPDX-License-Identifier: GPL-2.0-or-later
#include "ctl/probe/roles/user.hpp"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

#include "base/os/credentials.hpp"

namespace gnomon::ctl::probe {
namespace {

// Kept free by systemd and the distributions; gnomond chooses among them as well, at random.
constexpr std::uint32_t first_free_id = 60706;
constexpr std::uint32_t last_free_id = 61183;

// A container may have a few numbers only: lines of first inside, first outside, count.
bool is_mapped(const char* map, std::uint32_t id) {
  std::ifstream lines{map};
  for (std::uint64_t inside = 0, outside = 0, count = 0; lines >> inside >> outside >> count;)
    if (inside <= id && id < inside + count) return true;
  return false;
}

bool may_drop_groups() {
  std::ifstream file{"/proc/self/setgroups"};
  std::string word;
  return file >> word && word == "allow";
}

bool may_become(std::uint32_t id) {
  return is_mapped("/proc/self/uid_map", id) && is_mapped("/proc/self/gid_map", id) &&
         base::has_rights_over_users() && may_drop_groups();
}

}  // namespace

std::string user_of_helpers() {
  if (geteuid() != 0) return "";
  for (auto id = last_free_id; id >= first_free_id; --id)
    if (getpwuid(id) == nullptr && getgrgid(id) == nullptr)
      return may_become(id) ? "#" + std::to_string(id) : "";
  return "";
}

}  // namespace gnomon::ctl::probe
