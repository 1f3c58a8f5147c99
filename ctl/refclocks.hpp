// SPDX-License-Identifier: GPL-2.0-or-later
// The command refclocks: what this machine has by way of reference clocks, without the daemon.
#pragma once

#include <vector>

#include "ctl/devices/found_clock.hpp"
#include "ctl/render/render.hpp"

namespace gnomon::ctl {

// Member clocks: a list of kind, device, name, line and remark.
[[nodiscard]] Reply refclocks_reply(const std::vector<FoundClock>& clocks);

}  // namespace gnomon::ctl
