// SPDX-License-Identifier: GPL-2.0-or-later
// Who is at the other end of a connection, according to the kernel, and what the caller may do.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "daemon/core/control/methods.hpp"

namespace gnomon::core::control {

// Nobody but root and the members of a group that the administrator fills. That a caller has our own user
// says nothing for him: under the unit every process of ours has it, the resolver among them.
struct Operators {
  uid_t own = 0;               // the user the core runs as
  std::optional<gid_t> group;  // there may be none
};

struct Caller {
  uid_t user = 0;
  std::vector<gid_t> groups;  // his own one and the supplementary ones
};

[[nodiscard]] Right right_of(const Caller& caller, const Operators& operators);
// Of a connected Unix socket, as he was when he connected; nullopt: the kernel does not say.
[[nodiscard]] std::optional<Caller> caller_of(int socket);

}  // namespace gnomon::core::control
