// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon/launcher/roles/core_pace.hpp"

#include <algorithm>

namespace gnomon::launcher {

namespace {

base::Duration cost_of(ipc::MessageType message) {
  switch (message) {
    using enum ipc::MessageType;
    case next_configuration_part:  // there are as many as the configuration has lines
      return CorePace::unit / 100;
    case read_configuration:
    case use_configuration:
    case replace_ke_servers:
    case want_role:
      return 10 * CorePace::unit;
    default:
      return CorePace::unit;
  }
}

}  // namespace

void CorePace::heard(ipc::MessageType message, base::MonoTime now) {
  next_ = std::max(next_, now - at_once * unit) + cost_of(message);
}

}  // namespace gnomon::launcher
