// SPDX-License-Identifier: GPL-2.0-or-later
// PPS: pulses that the kernel has timestamped (/dev/pps*, linux/pps.h).
#pragma once

#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

// `parameter`: the device; `clear`: the other edge.
[[nodiscard]] Opened open_pps(const std::string& parameter);

}  // namespace gnomon::refclock
