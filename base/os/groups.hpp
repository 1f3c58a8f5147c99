// SPDX-License-Identifier: GPL-2.0-or-later
// The groups of this process.
#pragma once

#include <sys/types.h>

#include <vector>

namespace gnomon::base {

// The supplementary ones; the effective group may be among them or not. Empty as well where the kernel does
// not say.
[[nodiscard]] std::vector<gid_t> supplementary_groups();

}  // namespace gnomon::base
