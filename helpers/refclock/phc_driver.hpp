// SPDX-License-Identifier: GPL-2.0-or-later
// PHC: a PTP hardware clock as reference clock, or one that timestamps the pulses of another (`extpps`).
#pragma once

#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

// `parameter`: /dev/ptp*, or the name of a network interface; `nocrossts`; `extpps` with `pin`, `channel` and
// `clear`.
[[nodiscard]] Opened open_phc_clock(const std::string& parameter);

}  // namespace gnomon::refclock
