// SPDX-License-Identifier: GPL-2.0-or-later
// Why a file could not be opened, when its permissions are not the reason.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace gnomon::base {

// error: of open(2) for reading. access(2) looks at user, group and mode alone: where it allows what open(2)
// did not, a security module refused, which an operator would look for last.
[[nodiscard]] inline std::string why_unreadable(const std::string& path, int error) {
  auto reason = std::generic_category().message(error);
  if (error == EACCES && ::access(path.c_str(), R_OK) == 0)
    reason += " by a security module. Under AppArmor /etc/apparmor.d/gnomond says which files may be read";
  return reason;
}

}  // namespace gnomon::base
