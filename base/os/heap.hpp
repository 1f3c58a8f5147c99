// SPDX-License-Identifier: GPL-2.0-or-later
// The heap of this process.
#pragma once

#include <malloc.h>

namespace gnomon::base {

// Gives back what it does not need: after work that took much and is over. Where the C library is not glibc,
// which keeps more than others, nothing. Calls brk(2) and madvise(2).
inline void trim_heap() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

}  // namespace gnomon::base
