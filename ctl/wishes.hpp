// SPDX-License-Identifier: GPL-2.0-or-later
// What a command's options wish for, out of their words into the call that its row has made.
#pragma once

#include <string>

#include "ctl/command_options.hpp"

namespace gnomon::ctl {

// Changes options.request.call. What is wrong, a clause; empty: nothing.
[[nodiscard]] std::string set_call(Options& options);

}  // namespace gnomon::ctl
