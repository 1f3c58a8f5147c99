// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock's memory of what it did to the clock, across a crash of any of our processes: systemd's fd
// store holds it, and gnomond only passes it on. Without systemd it ends with gnomond.
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
