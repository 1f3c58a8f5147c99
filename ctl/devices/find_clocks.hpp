// SPDX-License-Identifier: GPL-2.0-or-later
// Which reference clocks the kernel knows: what /sys and /proc say of PPS sources, PTP clocks, real-time
// clocks and shared memory. Nothing is opened.
#pragma once

#include <string>
#include <vector>

#include "ctl/devices/found_clock.hpp"

namespace gnomon::ctl {

// `root`: what stands before /sys, /proc and /dev; for tests.
[[nodiscard]] std::vector<FoundClock> find_clocks(const std::string& root = {});

}  // namespace gnomon::ctl
