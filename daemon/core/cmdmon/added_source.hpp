// SPDX-License-Identifier: GPL-2.0-or-later
// From chronyc's `add server`, `add pool` and `add peer` to a source as the configuration would have it.
#pragma once

#include <expected>

#include "config/config.hpp"
#include "protocol/cmdmon/codes.hpp"
#include "protocol/cmdmon/request.hpp"

namespace gnomon::core::cmdmon {

// Values out of range become the nearest that is in it, as chronyd does. Errors: an unknown type, or a name
// that is none.
[[nodiscard]] std::expected<config::Source, protocol::cmdmon::Status> added_source(
    const protocol::cmdmon::AddSource& wanted);

}  // namespace gnomon::core::cmdmon
