// SPDX-License-Identifier: GPL-2.0-or-later
// What gnomon-clock remembers of what it did to the clock, over a crash of any process of ours: systemd's fd
// store has it. gnomond only hands it on. Without systemd it ends with gnomond.
#pragma once

#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/systemd.hpp"

namespace gnomon::launcher {

// Taken out of `inherited`, or new and given to systemd.
[[nodiscard]] base::OsResult<base::Fd> open_clock_memory(std::vector<base::ActivatedSocket>& inherited);
// Being told to stop is root's decision: the next start begins afresh.
void forget_clock_memory();

}  // namespace gnomon::launcher
