// SPDX-License-Identifier: GPL-2.0-or-later
// gnomond's own privileges: read at startup, and reduced to what restarting roles needs.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "base/os/credentials.hpp"
#include "base/os/error.hpp"
#include "daemon/launcher/privileges.hpp"

namespace gnomon::launcher {

[[nodiscard]] Privileges read_privileges();
// An error, when the database of users could not be read, is a sentence.
[[nodiscard]] std::expected<bool, std::string> user_exists(const std::string& name);

// Its members may control the daemon, like root, unless they are the daemon's own user.
// Empty, or unknown: ours.
[[nodiscard]] uid_t user_number(const std::string& name);
inline constexpr const char* operators_group_name = "gnomon-operators";
[[nodiscard]] std::int64_t operators_group();  // -1: there is no such group

// What is left afterwards, for gnomond and everything it starts: as root the few capabilities that roles are
// started and ended with (the clock's among them only if `pass_on_clock`), and never new ones by executing a
// file. Not root: the clock's capability becomes one that gnomon-clock inherits. `further`: capabilities that
// root keeps as well.
[[nodiscard]] base::OsResult<void> keep_only_what_roles_need(const Privileges& privileges, bool pass_on_clock,
                                                             base::CapabilitySet further = 0);

}  // namespace gnomon::launcher
