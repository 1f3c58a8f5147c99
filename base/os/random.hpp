// SPDX-License-Identifier: GPL-2.0-or-later
// Randomness from the kernel.
#pragma once

#include "base/bytes.hpp"

namespace gnomon::base {

// Fills all of it with getrandom(2), or throws std::system_error: there is no weaker randomness to fall back
// on.
void fill_random(MutableBytes bytes);

}  // namespace gnomon::base
