// SPDX-License-Identifier: GPL-2.0-or-later
// The method Record: what happens to the engine from now on, line by line. Used by the method table.
#pragma once

#include "daemon/core/control/method.hpp"

namespace gnomon::core::control {

[[nodiscard]] Answer record_once(Parameters& parameters, Reporter& from);
[[nodiscard]] Answer record(Parameters& parameters, Reporter& from);

}  // namespace gnomon::core::control
