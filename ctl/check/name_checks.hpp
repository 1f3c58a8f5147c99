// SPDX-License-Identifier: GPL-2.0-or-later
// Whether the names of the sources have addresses now: `gnomonctl check-config --resolve`. Uses the network.
#pragma once

#include <functional>
#include <string>

#include "ctl/check/configuration.hpp"

namespace gnomon::ctl {

// Empty: it has an address of the family; else why not, a clause.
using LookUp = std::function<std::string(const std::string& name, base::AddressFamily family)>;
[[nodiscard]] std::string look_up(const std::string& name, base::AddressFamily family);

void check_names(const Configuration& configuration, const LookUp& look_up, Findings& findings);

}  // namespace gnomon::ctl
