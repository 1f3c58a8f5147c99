// SPDX-License-Identifier: GPL-2.0-or-later
// Sources that cannot work as they are configured: named twice, options that exclude each other or that
// nothing follows from, fewer sources than selection needs. From the configuration alone.
#pragma once

#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

void check_sources(const Configuration& configuration, Findings& findings);

}  // namespace gnomon::ctl
