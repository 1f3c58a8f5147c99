// SPDX-License-Identifier: GPL-2.0-or-later
// leap-seconds.list as IERS and NIST publish it (chrony's leapseclist): text to a table. Stateless.
//
//   #$ 3960835200              when the list was last changed (seconds since 1900)
//   #@ 3991593600              when it expires
//   3692217600   37   # ...    from then on TAI - UTC is 37 s
//   #h 49db2447 571e5e1b ...   SHA-1 of the numbers above, in that order, as digits without blanks
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "daemon/core/engine/leap/leap_table.hpp"

namespace gnomon::engine {

// Error: one clause, with the number of the line where there is one. The list must say when it expires; a
// hash, where it has one, must be right.
[[nodiscard]] std::expected<LeapTable, std::string> parse_leap_list(std::string_view text);

}  // namespace gnomon::engine
