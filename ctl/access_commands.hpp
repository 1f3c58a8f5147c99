// SPDX-License-Identifier: GPL-2.0-or-later
// The commands about who may ask the daemon something, and who has: allow, deny, accheck, clients.
#pragma once

#include "ctl/command.hpp"

namespace gnomon::ctl {

// allow, deny, cmdallow, cmddeny: [all] [SUBNET|HOST]
[[nodiscard]] Made change_access(std::string_view name, const Words& words);
// accheck, cmdaccheck: ADDRESS|HOST
[[nodiscard]] Made check_access(std::string_view name, const Words& words);
// [-p HITS] [-k] [-r]
[[nodiscard]] Made clients(std::string_view name, const Words& words);

}  // namespace gnomon::ctl
