// SPDX-License-Identifier: GPL-2.0-or-later
// gnomon-refclock's loop: waits for devices and their times, sends what they say to the core.
#pragma once

#include "base/os/log.hpp"
#include "helpers/refclock/service.hpp"

namespace gnomon::refclock {

// What the process ends with when it has to begin again for a device that is there now; gnomond knows it
// (daemon/launcher/roles/role_id.hpp).
inline constexpr int devices_changed_status = 5;

// False: the core is gone. A core that does not read loses readings.
[[nodiscard]] bool send(int channel, const Messages& messages);
// Until the channel ends: 0 after end of file, 1 after anything unexpected, or devices_changed_status.
[[nodiscard]] int serve(int channel, Service& service, base::Log& log);

}  // namespace gnomon::refclock
