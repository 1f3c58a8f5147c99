// SPDX-License-Identifier: GPL-2.0-or-later
// The leap seconds in a compiled time zone (TZif, RFC 9636), such as right/UTC (chrony's leapsectz): octets
// to a table. The zone's own times are passed over. Stateless.
#pragma once

#include <expected>
#include <string>

#include "base/bytes.hpp"
#include "daemon/core/engine/leap/leap_table.hpp"

namespace gnomon::engine {

// Of the 64-bit block of version 2 or later. Error: one clause.
[[nodiscard]] std::expected<LeapTable, std::string> parse_tzif_leaps(base::Bytes file);

}  // namespace gnomon::engine
