// SPDX-License-Identifier: GPL-2.0-or-later
// What the log says about a configuration that was read again. Of many errors or changes the first ones.
#pragma once

#include <vector>

#include "base/log.hpp"
#include "config/changes.hpp"
#include "ipc/reload_messages.hpp"

namespace gnomon::launcher {

// It is not used. No errors: nothing is said.
void name_errors(const std::vector<ipc::ConfigurationError>& errors, base::Log& log);
// It is in use, but for what needs a restart.
void name_changes(const std::vector<config::Change>& changes, base::Log& log);
// Whether other authorities are trusted now.
[[nodiscard]] bool change_trust(const std::vector<config::Change>& changes);

}  // namespace gnomon::launcher
