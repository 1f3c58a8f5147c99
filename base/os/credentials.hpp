// SPDX-License-Identifier: GPL-2.0-or-later
// How a role drops what it was started with: user, groups, capabilities, and every way to regain them.
#pragma once

#include <cstdint>
#include <string>

#include "base/os/error.hpp"

namespace gnomon::base {

// A set of capabilities, bit n for CAP number n (linux/capability.h).
using CapabilitySet = std::uint64_t;
[[nodiscard]] constexpr CapabilitySet capability(int number) {
  return CapabilitySet{1} << static_cast<unsigned>(number);
}
[[nodiscard]] CapabilitySet effective_capabilities();
[[nodiscard]] bool has_rights_over_users();  // CAP_SETUID and CAP_SETGID, which root may lack

// Becomes `user` (its uid and gid, no supplementary groups; "#61000": that number, which needs no account)
// and keeps of the capabilities it has only `keep`; empties the ambient and bounding sets; then no new
// privileges, not dumpable, no core files. An empty user: stay who we are. Without the power to change users
// (not root) and another user named: stay who we are. Checks that root cannot be regained; ENOENT from
// "getpwnam": there is no such user.
[[nodiscard]] OsResult<void> drop_privileges(const std::string& user, CapabilitySet keep = 0);

}  // namespace gnomon::base
