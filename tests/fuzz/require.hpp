// SPDX-License-Identifier: GPL-2.0-or-later
// How a fuzz target says that what it tests is wrong.
#pragma once

#include <cstdlib>

inline void require(bool holds) {
  if (!holds) std::abort();
}
