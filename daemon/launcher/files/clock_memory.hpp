// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock's memory of what it did to the clock, across a crash of any of our processes: systemd's fd
// store holds it, and gnomond only passes it on. When the core ends the daemon in order, be it by an
// operator's command or because it is not itself any more, the unit is inactive and systemd forgets: then a
// file in the unit's runtime directory holds it until the next start. Without systemd it ends with gnomond.
#pragma once

#include <vector>

#include "base/os/error.hpp"
#include "base/os/fd.hpp"
#include "base/os/systemd.hpp"

namespace gnomon::launcher {

// Taken out of `inherited`, or new and given to systemd, with what the file holds; the file is removed.
[[nodiscard]] base::OsResult<base::Fd> open_clock_memory(std::vector<base::ActivatedSocket>& inherited);
// For a start after one whose end gnomond was not told to bring about. Nothing without a runtime directory,
// or without memory (-1).
[[nodiscard]] base::OsResult<void> keep_clock_memory(int memory);
// Being told to stop by a signal is root's decision: the next start begins afresh.
void forget_clock_memory();

}  // namespace gnomon::launcher
