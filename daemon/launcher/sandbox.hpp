// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomond itself, and through it everything that it starts, can no longer do: the roles inherit this and
// then give up the rest.
#pragma once

#include <expected>
#include <string>

#include "base/os/sandbox/sandbox.hpp"
#include "daemon/launcher/roles/programs.hpp"

namespace gnomon::launcher {

// Needs no_new_privs. The error is a sentence.
[[nodiscard]] std::expected<void, std::string> confine(const Programs& programs, base::SandboxMode mode);

}  // namespace gnomon::launcher
