// SPDX-License-Identifier: GPL-2.0-or-later
// The method Measurements: what was measured, what became of the clock and what selection decided, as far as
// it is kept, and what comes. Used by the method table.
#pragma once

#include "daemon/core/control/method.hpp"

namespace gnomon::core::control {

[[nodiscard]] Answer list_measurements(Parameters& parameters, Reporter& from);
[[nodiscard]] Answer follow_measurements(Parameters& parameters, Reporter& from);

}  // namespace gnomon::core::control
