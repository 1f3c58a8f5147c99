// SPDX-License-Identifier: GPL-2.0-or-later
// Which sizes of requests get through, and who eats the others. Pure functions.
#pragma once

#include <optional>

#include "ctl/probe/facts.hpp"
#include "ctl/probe/finding.hpp"

namespace gnomon::ctl::probe {

// Of plain requests with an extension field; `nts`: there are keys, so that it matters. Without an address.
// nullopt: none was tried.
[[nodiscard]] std::optional<Finding> judge_padded(const Exchanges& plain, bool nts);

}  // namespace gnomon::ctl::probe
