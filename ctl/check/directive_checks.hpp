// SPDX-License-Identifier: GPL-2.0-or-later
// Directives that nothing follows from: not supported, replaced by a later line, or waiting for another
// directive that is not there. From the configuration alone.
#pragma once

#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

void check_directives(const Configuration& configuration, Findings& findings);

}  // namespace gnomon::ctl
