// SPDX-License-Identifier: GPL-2.0-or-later
// The methods of io.gnomon.Control that change sources: from JSON to values. Pure functions.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "daemon/core/control/source_commands.hpp"

namespace gnomon::core::control {

[[nodiscard]] bool runs_source_command(std::string_view method);
// Of such a method. The error is the name of the parameter that is missing, unknown or out of range.
[[nodiscard]] std::expected<SourceCommand, std::string> source_command(std::string_view method,
                                                                       const boost::json::object& parameters);

}  // namespace gnomon::core::control
