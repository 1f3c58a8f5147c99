// SPDX-License-Identifier: GPL-2.0-or-later
// The method Events: the messages that are kept, and those that come. Used by the method table.
#pragma once

#include "daemon/core/control/method.hpp"

namespace gnomon::core::control {

[[nodiscard]] Answer list_events(Parameters& parameters, Reporter& from);
[[nodiscard]] Answer follow_events(Parameters& parameters, Reporter& from);

}  // namespace gnomon::core::control
