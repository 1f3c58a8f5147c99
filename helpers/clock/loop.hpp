// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-clock's loop: the next request or the end of a slew, whichever comes first.
#pragma once

#include "helpers/clock/service.hpp"

namespace gnomon::clock {

// Until the channel ends. However it ends, a running slew ends with it: nobody is left who knows how far it
// should go. Returns the exit status: 0 after end of file, 1 after anything unexpected.
[[nodiscard]] int serve(int channel, ClockService& service, base::SystemClock& clock, base::Log& log);

}  // namespace gnomon::clock
