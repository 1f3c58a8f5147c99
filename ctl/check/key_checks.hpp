// SPDX-License-Identifier: GPL-2.0-or-later
// The files of `keyfile` and `ntskeysecret`, read as the daemon reads them, and the keys that sources name.
// No key and no secret is ever shown.
#pragma once

#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

void check_keys(const Configuration& configuration, Findings& findings);

}  // namespace gnomon::ctl
