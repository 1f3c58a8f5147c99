// SPDX-License-Identifier: GPL-2.0-or-later
// SHM: a System V shared memory segment that another program writes samples to.
#pragma once

#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

// `parameter`: the unit, with `perm=` in octal for a segment that is made now. Made by others it must be
// owned by root or by us, unless `perm` lets others write.
[[nodiscard]] Opened open_shm(const std::string& parameter);

}  // namespace gnomon::refclock
