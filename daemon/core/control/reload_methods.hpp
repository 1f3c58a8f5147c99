// SPDX-License-Identifier: GPL-2.0-or-later
// The method Reload: its reply, which comes when the core has it. Used by the method table and by the
// connection that waits.
#pragma once

#include <string>

#include "daemon/core/control/method.hpp"
#include "daemon/core/control/reload_outcome.hpp"

namespace gnomon::core::control {

[[nodiscard]] std::string rekey_reply(const std::string& wrong);
[[nodiscard]] std::string reload_reply(const ReloadResult& result);

}  // namespace gnomon::core::control
