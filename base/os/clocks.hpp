// SPDX-License-Identifier: GPL-2.0-or-later
// Reading the machine's clocks.
#pragma once

#include "base/time.hpp"

namespace gnomon::base {

[[nodiscard]] Now read_now();

}  // namespace gnomon::base
