// SPDX-License-Identifier: GPL-2.0-or-later
// Reference clocks that get in each other's way, or count on one that is not there.
#pragma once

#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

void check_reference_clocks(const Configuration& configuration, Findings& findings);

}  // namespace gnomon::ctl
