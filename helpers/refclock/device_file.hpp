// SPDX-License-Identifier: GPL-2.0-or-later
// What the failure of a call on a device means to an operator.
#pragma once

#include "helpers/refclock/driver.hpp"

namespace gnomon::refclock {

// Of the call that has just failed (errno).
[[nodiscard]] Failure device_failure(const char* call);
[[nodiscard]] Failure device_failure(const base::OsError& error);

}  // namespace gnomon::refclock
