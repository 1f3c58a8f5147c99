// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-resolve's loop: one name, one answer.
#pragma once

#include "base/os/log.hpp"

namespace gnomon::resolve {

// Until the channel ends: 0 after end of file, 1 after anything unexpected.
[[nodiscard]] int serve(int channel, base::Log& log);

}  // namespace gnomon::resolve
