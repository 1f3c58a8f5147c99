// SPDX-License-Identifier: GPL-2.0-or-later
// What the process gnomon-ntske does from its first line to its last. In the library, so that what it
// includes is read once.
#pragma once

#include <span>

#include "base/os/log.hpp"

namespace gnomon::ntske {

// arguments: those of main(). has_primitives: the module gnomon-primitives was built (docs/decisions/0049).
// The exit status: 0 the core left, 1 something failed, 2 bad words, 3 no usable certificate, 4 the core said
// something it may not say. Throws where something fails that is needed from the start.
[[nodiscard]] int run(std::span<char* const> arguments, bool has_primitives, base::ProcessLog& log);

}  // namespace gnomon::ntske
