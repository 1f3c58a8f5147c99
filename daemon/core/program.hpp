// SPDX-License-Identifier: GPL-2.0-or-later
// What the process gnomon-core does from its first line to its last: prepares, gives up its powers, works. In
// the library, so that what it includes is read once.
#pragma once

#include "base/os/sandbox/role_main.hpp"

namespace gnomon::core {

// words: those of ipc::CoreSetup. For base::role_main().
[[nodiscard]] std::expected<int, base::RoleFailure> work(std::span<const std::string> words,
                                                         base::ProcessLog& log);

}  // namespace gnomon::core
