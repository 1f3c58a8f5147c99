// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel thinks of our own clock.
#pragma once

#include "ctl/probe/facts.hpp"

namespace gnomon::ctl::probe {

[[nodiscard]] OwnClock read_own_clock();

}  // namespace gnomon::ctl::probe
