// SPDX-License-Identifier: GPL-2.0-or-later
// What another user may do with a path, compared by hand: mode, owner and groups of every directory on the
// way. Access control lists and security modules are not looked at.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace gnomon::ctl {

struct Account {
  std::string name;
  uid_t user = 0;
  std::vector<gid_t> groups;
  std::vector<std::string> given{};  // folders that systemd makes its own before it starts the daemon
};
// Error: why there is none, a clause.
[[nodiscard]] std::expected<Account, std::string> account_of(const std::string& name);

enum class Access : std::uint8_t { read, write, search };
enum class Permission : std::uint8_t {
  granted,
  denied,
  missing,  // nothing is there
  unknown   // we may not look there ourselves
};
struct Answer {
  Permission permission = Permission::granted;
  std::string path;  // the part of the path that is to blame, unless granted
};
[[nodiscard]] Answer may(const Account& account, const std::string& path, Access access);

}  // namespace gnomon::ctl
