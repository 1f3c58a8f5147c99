// SPDX-License-Identifier: GPL-2.0-or-later
// The option -s: the first time of the system clock, before anything has been measured. Set once, as the
// launcher says and before the sandbox closes; the core cannot ask for it.
#pragma once

#include <optional>

#include "base/os/adjtime.hpp"
#include "base/os/log.hpp"
#include "helpers/clock/memory.hpp"
#include "helpers/clock/rtc_device.hpp"
#include "ipc/role_setup.hpp"

namespace gnomon::clock {

struct FirstStep {
  base::Duration offset{};
  bool from_rtc = false;
};
// From the real-time clock, unless that is behind `not_before` (the last time the driftfile was written):
// then, and without a real-time clock, at least that time. nullopt: the clock stays as it is.
[[nodiscard]] std::optional<FirstStep> first_step(base::RealTime now, std::optional<base::RealTime> rtc,
                                                  std::optional<base::RealTime> not_before);

// `device`: null when there is none. What is `remembered` (null: nothing is kept) of a gnomon-clock before is
// of a clock that was set already: whoever ends the daemon, and may write the rtcfile, sets no other time.
void set_first_time(const ipc::FirstTime& from, const ipc::RtcSetup& rtc, RtcDevice* device,
                    const Memory* remembered, base::SystemClock& clock, base::Log& log);

}  // namespace gnomon::clock
