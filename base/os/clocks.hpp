// SPDX-License-Identifier: GPL-2.0-or-later
// Reading the machine's clocks.
#pragma once

#include "base/time.hpp"

namespace gnomon::base {

[[nodiscard]] Now read_now();
// How long this machine has been suspended altogether since it was started.
[[nodiscard]] Duration time_asleep();

}  // namespace gnomon::base
