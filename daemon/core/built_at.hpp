// SPDX-License-Identifier: GPL-2.0-or-later
// When this program was built, or of a reproducible build its source: no clock that is right reads less.
#pragma once

#include "base/time.hpp"

namespace gnomon::core {

[[nodiscard]] base::RealTime built_at();

}  // namespace gnomon::core
