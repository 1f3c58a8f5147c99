// SPDX-License-Identifier: GPL-2.0-or-later
// The file of `keyfile`, read as the daemon reads it, and the keys that sources name. No key is ever shown.
#pragma once

#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

void check_keys(const Configuration& configuration, Findings& findings);

}  // namespace gnomon::ctl
