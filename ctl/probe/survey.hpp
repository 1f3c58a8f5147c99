// SPDX-License-Identifier: GPL-2.0-or-later
// Looks at a server from all sides, politely: the order of the checks, what follows from an answer, when to
// give up. No I/O of its own.
#pragma once

#include "ctl/probe/context.hpp"

namespace gnomon::ctl::probe {

inline constexpr std::size_t most_addresses = 8;

struct Survey {
  Facts facts;
  Findings findings;
};
[[nodiscard]] Survey survey(const Options& options, const Context& context);

}  // namespace gnomon::ctl::probe
