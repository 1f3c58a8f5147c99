// SPDX-License-Identifier: GPL-2.0-or-later
// The methods by which an operator acts upon the clock and its selection: from a call to the engine's
// command.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "daemon/core/control/parameters.hpp"
#include "daemon/core/engine/values/operator_command.hpp"

namespace gnomon::core::control {

// `name`: the method without its interface, one of those below. Error: the name of the parameter that is
// wrong.
[[nodiscard]] std::expected<engine::OperatorCommand, std::string> operator_command(
    std::string_view name, const boost::json::object& given);

}  // namespace gnomon::core::control
